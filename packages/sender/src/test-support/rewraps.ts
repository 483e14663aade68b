import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startChild } from "@hooks/testkit";
import { expect } from "vitest";
import type { Rewrapped, Store } from "../store.ts";
import type { RewrapSetup } from "./rewrap-process.ts";

const program = fileURLToPath(new URL("./rewrap-process.ts", import.meta.url));

/** A random master key. */
export function masterKeyOf(id: string): string {
  return `${id}:${randomBytes(32).toString("base64")}`;
}

/** Begins to seal anew in a process of its own, which is killed by SIGKILL while it does. */
export async function rewrapAndKill(setup: RewrapSetup): Promise<void> {
  const child = await startChild(process.execPath, [program, JSON.stringify(setup)]);
  const { signal } = await child.exited;
  expect(signal, child.output()).toBe("SIGKILL");
}

/** Seals everything anew, and gives the answer to the last step. */
export async function rewrapAll(store: Store, limit: number): Promise<Rewrapped> {
  let rewrapped = await store.rewrap({ limit });
  while (rewrapped.state !== "done") rewrapped = await store.rewrap({ limit, after: rewrapped.after });
  return rewrapped;
}
