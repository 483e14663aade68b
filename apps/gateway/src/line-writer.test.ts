import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { createLineWriter } from "./line-writer.ts";

const folder = createTemporaryFolder("hooks-lines");
afterAll(() => folder.remove());

const line = (index: number) => `{"index":${index},"text":"${"ü".repeat(index % 50)}"}\n`;

describe("createLineWriter", () => {
  it("writes every line once, in order, at the latest when it ends", async () => {
    const path = join(folder.path, "all");
    const fd = openSync(path, "w");
    const writer = createLineWriter({ fd, blockBytes: 4_096, maxWaitingBytes: 1_048_576 });
    for (let index = 0; index < 5_000; index++) writer.write(line(index));
    await writer.end();
    closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe(
      Array.from({ length: 5_000 }, (_, index) => line(index)).join(""),
    );
    expect(writer.dropped()).toBe(0);
  });

  it("leaves lines out while nobody reads, and none of those it took, nor a part of one", async () => {
    const path = join(folder.path, "pipe");
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const writer = createLineWriter({ fd, blockBytes: 4_096, maxWaitingBytes: 100_000 });
    let given = 0;
    while (writer.dropped() === 0) {
      writer.write(line(given++));
      if (given % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const ended = writer.end();
    let text = "";
    const chunk = Buffer.alloc(65_536);
    const isAll = () => {
      text += chunk.toString("latin1", 0, readSync(reader, chunk));
      return text.endsWith("\n") && text.split("\n").length === given;
    };
    await until(isAll);
    await ended;
    const indexes = text
      .trim()
      .split("\n")
      .map((each) => (JSON.parse(each) as { index: number }).index);
    expect(indexes).toEqual(Array.from({ length: given - 1 }, (_, index) => index));
    closeSync(reader);
    writer.write(line(0));
    // Whoever read has gone; it ends all the same.
    await writer.end();
    closeSync(fd);
  });
});
