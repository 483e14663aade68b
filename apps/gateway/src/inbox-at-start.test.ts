import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { type Child, createTemporaryFolder, startChild, until } from "@hooks/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { gatewayMain } from "./test-support/gateway-process.ts";

const folder = createTemporaryFolder("hooks-gateway-inbox");
let running: Child | undefined;
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exited;
});
afterAll(() => folder.remove());

async function run(
  inboxUrl: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
) {
  const env = { PATH: process.env["PATH"], PORT: "0", INBOX_URL: inboxUrl, ...more };
  return (running = await startChild(process.execPath, [gatewayMain, ...args], { env }));
}

async function refusal(...given: Parameters<typeof run>) {
  const child = await run(...given);
  const { code } = await child.exited;
  return `${code} ${child.output()}`;
}

describe("an inbox that the gateway cannot begin with", () => {
  it("was made by another version", async () => {
    const path = join(folder.path, "other-version.db");
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE event (id TEXT)");
    other.close();
    expect(await refusal(`sqlite:${path}`)).toContain(
      "1 gateway: The inbox cannot be opened (INBOX_URL): inbox_file_outdated: Expected an inbox file",
    );
  });

  it("is where nobody can make it", async () => {
    expect(await refusal("sqlite:/proc/nobody/below/inbox.db")).toMatch(
      /^1 gateway: The inbox cannot be opened \(INBOX_URL\): queue_unavailable: \w+: .* mkdir '\/proc/,
    );
  });

  it("is in memory, unless it may lose events; and then it is of one process, and nobody else's", async () => {
    const inMemory = "sqlite::memory:";
    const lost = "what it has acknowledged and not delivered is lost whenever the process ends";
    const refused = await refusal(inMemory);
    expect(refused).toContain(lost);
    expect(refused).toMatch(/^1 .*set durability: relaxed/s);
    const relaxed = { HOOKS_CONFIG: join(folder.path, "relaxed.yaml") };
    writeFileSync(relaxed.HOOKS_CONFIG, "durability: relaxed\n");
    const ofSeveral =
      "1 gateway: An inbox in memory (INBOX_URL) is for one worker: each would have one of its own";
    expect(await refusal(inMemory, ["--workers", "2"], relaxed)).toBe(`${ofSeveral}\n`);
    expect(await refusal(inMemory, ["events"], relaxed)).toMatch(
      /^1 gateway: An inbox in memory .* is known to/,
    );
    const child = await run(inMemory, [], relaxed);
    await until(() => child.output().includes("listening on"), { timeoutMs: 60_000 });
    expect(child.output()).toContain(lost);
  });
});
