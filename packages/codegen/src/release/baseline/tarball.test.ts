import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { readFile, symlink } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFolder, type Folder } from "../../test-support/folder.ts";
import { readTarball } from "./tarball.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const everything = { maxBytes: 1_000_000, wanted: () => true };

async function archiveOf(files: ReadonlyMap<string, string>, format: string): Promise<Buffer> {
  await folder.write([...files].map(([file, text]) => [`package/${file}`, text] as const));
  await symlink("/etc/hostname", join(folder.path, "package/link.json"));
  execFileSync("tar", [`--format=${format}`, "-czf", "out.tgz", "package"], { cwd: folder.path });
  return readFile(join(folder.path, "out.tgz"));
}

describe("readTarball", () => {
  it.each(["ustar", "posix"])("reads plain files of any length of name and content: %s", async (format) => {
    const files = new Map([
      ["package.json", "{}"],
      ["empty.json", ""],
      [`${"deep/".repeat(25)}catalog.json`, "x".repeat(512)],
      [`${"d".repeat(90)}/${"e".repeat(90)}.json`, "ü".repeat(300)],
    ]);
    const found = readTarball(await archiveOf(files, format), everything);
    expect(new Map([...found].toSorted())).toEqual(new Map([...files].toSorted()));
  });

  it("reads only what is wanted", async () => {
    const archive = await archiveOf(
      new Map([
        ["a.json", "1"],
        ["b.js", "2"],
      ]),
      "ustar",
    );
    const options = { ...everything, wanted: (path: string) => path.endsWith(".json") };
    expect([...readTarball(archive, options).keys()]).toEqual(["a.json"]);
  });

  it("refuses what is no archive, and what unpacks to more than is allowed", () => {
    expect(() => readTarball(Buffer.from("no"), everything)).toThrow("incorrect header");
    expect(() => readTarball(gzipSync(Buffer.alloc(2_000_000)), everything)).toThrow("larger than");
  });

  it("ends, whatever the archive holds", () => {
    for (let round = 0; round < 50; round++) readTarball(gzipSync(randomBytes(4_096)), everything);
    expect(readTarball(gzipSync(Buffer.alloc(100)), everything).size).toBe(0);
  });
});
