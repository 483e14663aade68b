#!/usr/bin/env node
import { buffer } from "node:stream/consumers";
import { run } from "./run.ts";

for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the output has seen enough; the command still ends with its own exit code.
    if (error.code !== "EPIPE") throw error;
  });

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

try {
  // An older one would fail somewhere in the middle, with words that help nobody.
  if (major < 22 || (major === 22 && minor < 19))
    throw new Error(`Node.js 22.19 or later is needed, this is ${process.versions.node}.`);
  process.exitCode = await run(process.argv.slice(2), {
    folder: process.cwd(),
    print: (text) => void process.stdout.write(text),
    explain: (text) => void process.stderr.write(text),
    readInput: () => buffer(process.stdin),
    readVariable: (name) => process.env[name],
  });
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const isDebugging = process.env["HOOKS_DEBUG"] === "1";
  const [line] = message.split("\n");
  process.stderr.write(isDebugging ? `${stack}\n` : `hooks: ${line} [fault] (HOOKS_DEBUG=1 shows where)\n`);
  process.exitCode = 1;
}
