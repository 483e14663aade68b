import { createHash } from "node:crypto";

/** A short text that stands for a longer one, the same on every computer. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}
