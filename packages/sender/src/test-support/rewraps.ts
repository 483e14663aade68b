import { fileURLToPath } from "node:url";
import { startChild } from "@hooks/testkit";
import { expect } from "vitest";
import type { RewrapSetup } from "./rewrap-process.ts";

const program = fileURLToPath(new URL("./rewrap-process.ts", import.meta.url));

/** Begins to seal anew in a process of its own, which is killed by SIGKILL while it does. */
export async function rewrapAndKill(setup: RewrapSetup): Promise<void> {
  const child = await startChild(process.execPath, [program, JSON.stringify(setup)]);
  const { signal } = await child.exited;
  expect(signal, child.output()).toBe("SIGKILL");
}
