import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
/** Where the demo makes its folders. */
const folder = mkdtempSync(join(tmpdir(), "hooks-demo-test-"));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "ignore"],
  });
  started.push(child);
  const exited = once(child, "exit").then(([code, signal]) => ({
    code: code as unknown,
    signal: signal as unknown,
  }));
  return { child, exited };
}

/** Reads until the output matches, and leaves the pipe open: closing it would end the demo too. */
async function outputUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  let output = "";
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    output += String(chunk);
    if (!pattern.test(output)) continue;
    child.stdout?.resume();
    return output;
  }
  throw new Error(`It ended without ${pattern}:\n${output}`);
}

/** The addresses in the first table: of the sender, the gateway and the consumer. */
const addressesIn = (output: string) => output.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];

async function expectNobodyAt(addresses: readonly string[]) {
  expect(addresses).toHaveLength(3);
  for (const address of addresses) {
    await expect.poll(() => fetch(address).catch(() => "nobody")).toBe("nobody");
  }
}

describe("the demo", () => {
  it("ends with 0 after every event has arrived exactly once", async () => {
    const { child, exited } = start("--once");
    const output = await text(child.stdout!);
    expect(output).toMatch(/arrived exactly once +│ +529 │ +325 │/);
    expect(output).toMatch(/duplicates recognised +│ +– │ +46 of 46 │/);
    expect(output).toMatch(/forgeries refused +│ +– │ +13 of 13 │/);
    expect(output).toContain("✔ Every event arrived exactly once");
    expect(output.match(/published +\d+ → delivered +\d+ → .* ms/g)).toHaveLength(29);
    // Neither colours nor cursor movements where there is no terminal.
    for (const control of ["\u001B", "\r"]) expect(output).not.toContain(control);
    expect(await exited).toEqual({ code: 0, signal: null });
    await expectNobodyAt(addressesIn(output));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves nothing behind when it is told to end", async () => {
    const { child, exited } = start();
    const output = await outputUntil(child, /published +\d+/);
    child.kill("SIGTERM");
    child.kill("SIGTERM");
    expect(await exited).toEqual({ code: 0, signal: null });
    await expectNobodyAt(addressesIn(output));
  });

  it("leaves nothing behind when it is killed", async () => {
    const { child, exited } = start("--once");
    const output = await outputUntil(child, /published +\d+/);
    child.kill("SIGKILL");
    await exited;
    await expectNobodyAt(addressesIn(output));
  });

  it("refuses an option it does not know", async () => {
    expect(await start("--twice").exited).toEqual({ code: 2, signal: null });
  });
});
