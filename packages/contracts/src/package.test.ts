import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleEvent } from "./fixtures.ts";
import { contracts } from "./producer.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder = "";

beforeAll(async () => {
  // Inside the package, so that the code imports the package by its name, as it is built.
  folder = await mkdtemp(join(root, "dist", ".readme-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function snippets(): Promise<readonly string[]> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  return [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
}

describe("README", () => {
  it("shows code that compiles and runs", async () => {
    const files = await Promise.all(
      (await snippets()).map(async (code, index) => {
        const file = join(folder, `snippet-${index}.ts`);
        await writeFile(file, code);
        return file;
      }),
    );
    const options = { extends: join(root, "../../tsconfig.base.json"), compilerOptions: { noEmit: true } };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ ...options, files }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const compiled = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(compiled.stdout).toBe("");
    for (const file of files) await import(file);
  });

  it("shows a handler that tells what it read", async () => {
    const file = join(folder, "handler.ts");
    await writeFile(file, (await snippets())[0] ?? "");
    const { handle } = (await import(file)) as { handle: (body: string) => string };
    const tell = (event: object) => handle(JSON.stringify(event));
    expect(tell(exampleEvent("invoice.paid", "monthly"))).toBe("4900 EUR");
    expect(tell(exampleEvent("user.deleted"))).toBe("ignored user.deleted");
    expect(tell({ ...exampleEvent("user.deleted"), id: "" })).toContain("invalid_envelope: /id");
  });
});

describe("size", () => {
  const events = {
    invoicePaid: "invoice.paid",
    orderCreated: "order.created",
    orderShipped: "order.shipped",
    paymentMethodAttached: "payment_method.attached",
    userCreated: "user.created",
  };

  it.each([0, 1, 3, 5])("is at most 5 kB and 2 kB for each event used, gzipped: %i events", async (count) => {
    const names = Object.keys(events).slice(0, count);
    const code = `import { createParser, ${names.join(", ")} } from "@hooks/contracts/events";
      export const parse = createParser([${names.join(", ")}]);`;
    expect(await bundledSize(code)).toBeLessThanOrEqual(5_000 + 2_000 * count);
  });

  it("is that of the events used: nothing of another event comes along", async () => {
    const distinct = await distinctMembers();
    expect([...distinct.values()].filter((members) => members.length > 0).length).toBeGreaterThan(10);
    for (const [event, type] of Object.entries(events)) {
      const code = await bundled(`export { ${event} } from "@hooks/contracts/events";`);
      const found = [...distinct].flatMap(([type, members]) =>
        members.some((member) => new RegExp(`\\b${member}\\b`).test(code)) ? [type] : [],
      );
      expect(found).toEqual([type]);
    }
  });

  it("costs next to nothing to ask only for the type of an event", async () => {
    expect(await bundledSize('export { isEvent } from "@hooks/contracts";')).toBeLessThanOrEqual(200);
  });
});

/** Names of members that only one event type has, and that no other code of the package says. */
async function distinctMembers(): Promise<ReadonlyMap<string, readonly string[]>> {
  const types = Object.values(contracts.eventTypes).map(({ type, schema, olderSchemas }) => ({
    type,
    members: new Set(membersOf([schema, olderSchemas])),
  }));
  const shared = await bundled('export { createParser } from "@hooks/contracts/events";');
  return new Map(
    types.map(({ type, members }) => {
      const others = types.filter((other) => other.type !== type);
      const own = [...members].filter(
        (name) => !others.some((other) => other.members.has(name)) && !shared.includes(name),
      );
      return [type, own];
    }),
  );
}

function membersOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => [
    ...(keyword === "properties" ? Object.keys(value as object) : []),
    ...membersOf(value),
  ]);
}

async function bundledSize(code: string): Promise<number> {
  return gzipSync(await bundled(code)).length;
}

async function bundled(code: string): Promise<string> {
  const input = join(folder, "entry.js");
  await writeFile(input, code);
  const bundle = await rolldown({ input, platform: "neutral" });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  expect(output[0].imports, "everything is inside").toEqual([]);
  return output[0].code;
}
