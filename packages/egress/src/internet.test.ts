import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder, findServer } from "@hooks/testkit";
import { describeUnless } from "@hooks/testkit/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { GOOD_IPV4, GOOD_IPV6 } from "./test-support/internet/names.ts";
import { obstacleToNamespaces, runInNamespace } from "./test-support/internet/namespace.ts";
import { goodUrls, hostileUrls, redirectingUrls } from "./test-support/internet/targets.ts";
import type { Visit } from "./test-support/internet/visit.ts";

const ours = ["egress", "egress without reuse"];
const peers = ["request-filtering-agent", "ssrf-req-filter"];

const visit = async (clients: readonly string[], prefix: readonly string[] = []): Promise<readonly Visit[]> =>
  // Printed by the program itself.
  JSON.parse(await runInNamespace({ file: "visit.ts", args: clients, prefix })) as readonly Visit[];
const outcomesOf = (visits: readonly Visit[], urls: readonly string[]) =>
  visits.filter(({ url }) => urls.includes(url)).flatMap(({ outcomes }) => outcomes);
const reachedBy = (visits: readonly Visit[], names: readonly string[]) =>
  visits.filter(({ client, reached }) => names.includes(client) && reached.length > 0);

const obstacle = await obstacleToNamespaces();

describeUnless(obstacle, {
  title: "a hostile internet",
  body: () => {
    let visits: readonly Visit[] = [];
    beforeAll(async () => {
      visits = await visit([...ours, ...peers, "unguarded"]);
    });

    it("is one: without a guard, or with another, blocked addresses are reached", () => {
      expect(hostileUrls.length).toBeGreaterThan(120);
      expect(reachedBy(visits, ["unguarded"]).length).toBeGreaterThan(60);
      expect(reachedBy(visits, peers).length).toBeGreaterThan(0);
    });

    describe.each(ours)("%s", (client) => {
      const own = () => visits.filter((one) => one.client === client);

      it("never connects to a blocked address", () => {
        expect(reachedBy(visits, [client])).toEqual([]);
      });

      it("refuses every hostile URL, but for names that are public when they are asked", () => {
        const answered = own().filter(
          ({ url, outcomes }) => hostileUrls.includes(url) && outcomes.includes("200"),
        );
        expect(answered.filter(({ url }) => !url.includes("rebind"))).toEqual([]);
        expect(new Set(outcomesOf(own(), hostileUrls))).toEqual(
          new Set(["200", "blocked_address", "dns_error", "invalid_url"]),
        );
      });

      it("reaches every good host", () => {
        expect(outcomesOf(own(), goodUrls)).toEqual(goodUrls.map(() => "200"));
      });

      it("follows nobody who sends it elsewhere", () => {
        expect(outcomesOf(own(), redirectingUrls)).toEqual(["301", "302", "303", "307", "308", "200"]);
      });
    });

    it.each(peers)("refuses what %s refuses", (peer) => {
      const refused = visits.filter(
        ({ client, url, outcomes }) =>
          client === peer && !goodUrls.includes(url) && outcomes.every((outcome) => !/^\d/.test(outcome)),
      );
      expect(refused.length).toBeGreaterThan(60);
      const reachable = visits.filter(
        ({ client, url, outcomes }) =>
          ours.includes(client) && refused.some((one) => one.url === url) && outcomes.includes("200"),
      );
      expect(reachable).toEqual([]);
    });

    it("serves a good host while names hang whose server never answers", async () => {
      const ended: unknown = JSON.parse(await runInNamespace({ file: "crowd.ts" }));
      expect(ended).toEqual(["200", ...Array.from({ length: 50 }, () => "dns_error")]);
    });

    describeUnless(obstacleToTracing(), {
      title: "by its system calls",
      body: () => it("calls connect(2) for good addresses only", expectGoodCalls, 180_000),
    });
  },
});

/** The canaries' second opinion: it knows of connections that fail, too. */
async function expectGoodCalls(): Promise<void> {
  const folder = createTemporaryFolder();
  try {
    const file = join(folder.path, "calls");
    await visit(ours, ["strace", "-f", "-qq", "-e", "trace=connect", "-o", file]);
    const calls = Array.from(
      (await readFile(file, "utf8")).matchAll(/htons\((?<port>\d+)\).*?"(?<address>[\da-f.:]+)"/g),
      ({ groups }) => ({ port: groups?.["port"] ?? "", address: groups?.["address"] ?? "" }),
    );
    // Port 53 is the name server's; with port 0 the C library asks which of its own addresses would be used.
    const connected = calls.filter(({ port }) => port !== "53" && port !== "0");
    expect(new Set(connected.map(({ address }) => address))).toEqual(new Set([GOOD_IPV4, GOOD_IPV6]));
  } finally {
    folder.remove();
  }
}

function obstacleToTracing(): string | undefined {
  const found = findServer("strace");
  if (found.kind === "missing") return found.reason;
  try {
    execFileSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `system calls cannot be traced: ${error instanceof Error ? error.message : String(error)}`;
  }
}
