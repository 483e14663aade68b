import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createTemporaryFolder, startChild } from "@hooks/testkit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVault, keyIdOf, type Place } from "./vault.ts";

const keyOf = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const place: Place = { table: "events", column: "body", id: "evt_1" };
const text = (value: Uint8Array) => Buffer.from(value).toString();
const body = Buffer.from(JSON.stringify({ id: "evt_1", data: "secret ".repeat(300) }));
const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("createVault", () => {
  it("opens what it has sealed, whatever that is", () => {
    const vaults = [
      createVault(),
      createVault({ compressFromBytes: 1 }),
      createVault({ masterKeys: keyOf("k1") }),
      createVault({ masterKeys: keyOf("k1"), compressFromBytes: 1 }),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (value, id) => {
        for (const vault of vaults) {
          const kept = vault.seal(value, { ...place, id }, vault.keyIds[0]);
          expect(Buffer.from(vault.open(kept, { ...place, id }))).toEqual(Buffer.from(value));
        }
      }),
    );
  });

  it("keeps a body as it is where there are no keys", () => {
    expect(createVault().seal(body, place, undefined)).toBe(body);
    expect(createVault().open(body, place)).toBe(body);
  });

  it("reads plain, compressed and encrypted values side by side", () => {
    const masterKeys = keyOf("k1");
    const kept = [
      body,
      createVault({ compressFromBytes: 1 }).seal(body, place, undefined),
      createVault({ masterKeys }).seal(body, place, "k1"),
      createVault({ masterKeys, compressFromBytes: 1 }).seal(body, place, "k1"),
    ];
    expect(kept.map(([format]) => format)).toEqual([0x7b, 0x21, 0x32, 0x43]);
    const vault = createVault({ masterKeys: `${keyOf("k2")},${masterKeys}` });
    for (const one of kept) expect(text(vault.open(one, place))).toBe(text(body));
    for (const one of kept.slice(2)) expect(text(one)).not.toContain("secret");
  });

  it("compresses what is long enough and becomes smaller", () => {
    const vault = createVault({ compressFromBytes: 1_000 });
    expect(vault.seal(body, place, undefined).length).toBeLessThan(body.length / 5);
    const random = Buffer.concat([Buffer.from("{"), randomBytes(2_000)]);
    expect(vault.seal(random, place, undefined)).toBe(random);
    const short = Buffer.from(`{"a":"${"x".repeat(500)}"}`);
    expect(vault.seal(short, place, undefined)).toBe(short);
  });

  it("never makes the same of the same", () => {
    const vault = createVault({ masterKeys: keyOf("k1") });
    const kept = new Set(Array.from({ length: 600 }, () => text(vault.seal(body, place, "k1"))));
    expect(kept.size).toBe(600);
  });

  it("refuses a value of which any bit was changed, also in what says how it was sealed", () => {
    const vault = createVault({ masterKeys: `${keyOf("k1")},${keyOf("j1")}`, compressFromBytes: 1 });
    const kept = vault.seal(body, place, "k1");
    for (let bit = 0; bit < kept.length * 8; bit += 1) {
      const changed = Buffer.from(kept);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(["damaged_value", "unknown_master_key"]).toContain(codeOf(() => vault.open(changed, place)));
    }
  });

  it("refuses a value that was cut, lengthened, or put elsewhere", () => {
    const vault = createVault({ masterKeys: keyOf("k1") });
    const kept = vault.seal(body, place, "k1");
    for (let length = 0; length < kept.length; length += 1)
      expect(["damaged_value", "unknown_master_key"]).toContain(
        codeOf(() => vault.open(kept.subarray(0, length), place)),
      );
    const damaged = [
      () => vault.open(Buffer.concat([kept, Buffer.of(0)]), place),
      () => vault.open(kept, { ...place, id: "evt_2" }),
      () => vault.open(kept, { ...place, column: "digest" }),
      () => vault.open(kept, { ...place, table: "renditions" }),
    ];
    for (const call of damaged) expect(codeOf(call)).toBe("damaged_value");
  });

  it("does not open under another key, of the same id or not", () => {
    const kept = createVault({ masterKeys: keyOf("k1") }).seal(body, place, "k1");
    expect(codeOf(() => createVault({ masterKeys: keyOf("k1") }).open(kept, place))).toBe("damaged_value");
    expect(codeOf(() => createVault({ masterKeys: keyOf("k2") }).open(kept, place))).toBe(
      "unknown_master_key",
    );
    expect(() => createVault().open(kept, place)).toThrow("The master key k1 is needed");
  });

  it("inflates no more than was announced, and nothing beyond its limit", () => {
    const vault = createVault({ compressFromBytes: 1 });
    const bomb = Buffer.from(vault.seal(Buffer.alloc(4_000_000, "{"), place, undefined));
    expect(bomb.length).toBeLessThan(20_000);
    for (const length of [0, 1, 3_999_999, 4_000_001, 2 ** 32 - 1]) {
      bomb.writeUInt32BE(length, 1);
      expect(codeOf(() => vault.open(bomb, place))).toBe("damaged_value");
    }
  });

  it("says what a value is encrypted under", () => {
    const id = "k".repeat(64);
    const kept = createVault({ masterKeys: keyOf(id) }).seal(body, place, id);
    expect(keyIdOf(kept)).toBe(id);
    expect(keyIdOf(body)).toBeUndefined();
  });

  const key = randomBytes(32).toString("base64");
  it.each([
    ["without an id", key],
    ["with an empty id", `:${key}`],
    ["with a long id", `${"k".repeat(65)}:${key}`],
    ["with an id of other characters", `k 1:${key}`],
    ["of 31 bytes", `k1:${randomBytes(31).toString("base64")}`],
    ["of 33 bytes", `k1:${randomBytes(33).toString("base64")}`],
    ["in hexadecimal", `k1:${randomBytes(32).toString("hex")}`],
    ["that is not random", `k1:${Buffer.alloc(32).toString("base64")}`],
    ["twice", `k1:${key},k1:${key}`],
    ["and nothing", `k1:${key},`],
    ["seventeen times", Array.from({ length: 17 }, (_, index) => keyOf(`k${index}`)).join()],
  ])("refuses a master key %s, and does not repeat it", (_, masterKeys) => {
    const create = () => createVault({ masterKeys });
    expect(codeOf(create)).toBe("invalid_master_key");
    for (const part of masterKeys.split(/[,:]/).filter(({ length }) => length > 20))
      expect(create).not.toThrow(part);
  });

  it("takes base64 with and without padding, of either alphabet, and spaces between keys", () => {
    const bytes = randomBytes(32);
    const forms = [
      bytes.toString("base64"),
      bytes.toString("base64").replace("=", ""),
      bytes.toString("base64url"),
    ];
    const kept = createVault({ masterKeys: `k1:${forms[0]}` }).seal(body, place, "k1");
    for (const form of forms) {
      const vault = createVault({ masterKeys: ` ${keyOf("k2")} , k1:${form} ` });
      expect(vault.keyIds).toEqual(["k2", "k1"]);
      expect(text(vault.open(kept, place))).toBe(text(body));
    }
  });
});

describe("the README", () => {
  it("opens a store with keys, and seals all under the first", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const [, section = ""] = /## Encrypted at rest\n([^]*?)\n## /.exec(readme) ?? [];
    const blocks = [...section.matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block);
    expect(blocks).toHaveLength(2);
    const folder = createTemporaryFolder();
    const code = blocks
      .join("")
      .replaceAll("@hooks/sender/sqlite", new URL("../dist/store/sqlite.js", import.meta.url).href)
      .replaceAll("@hooks/sender", new URL("../dist/index.js", import.meta.url).href);
    const argv = ["--input-type=module", "-e", code];
    const env = { HOOKS_MASTER_KEY: keyOf("k1") };
    const child = await startChild(process.execPath, argv, { cwd: folder.path, env });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(child.output()).toBe("[]\n");
    folder.remove();
  });
});
