import { readFileSync } from "node:fs";

/** Names this start of the machine, for all its processes and containers alike. Empty where the system has no name for it. */
export function readBoot(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/** Whether two names are certain to be of different starts, so that of each one's processes the other has none. */
export function areApart(one: string, other: string): boolean {
  return one !== "" && other !== "" && one !== other;
}
