import { readFile, stat } from "node:fs/promises";
import { refusal } from "./problem.ts";
import { maxFileBytes } from "./sources.ts";

/**
 * Reads a file of schemas as UTF-8; `name` is what problems call it. Throws `ContractsError` when it cannot be read,
 * is larger than 5 MB, or is not UTF-8.
 */
export async function readText(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(() => refuse(name, "unreadable_file", "The file cannot be read."));
  if (!found.isFile()) refuse(name, "unreadable_file", "It is not a file.");
  if (found.size > maxFileBytes)
    refuse(name, "file_too_large", `The file is larger than ${maxFileBytes} bytes.`);
  const bytes = await readFile(path).catch(() => refuse(name, "unreadable_file", "The file cannot be read."));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(name, "invalid_encoding", `The file is not UTF-8 (${firstFault(bytes)}).`);
  }
}

/** Line and column of the first byte that is not UTF-8. */
function firstFault(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isPrefixOfUtf8(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, low));
  return `line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")}`;
}

function isPrefixOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function refuse(file: string, code: string, message: string): never {
  throw refusal({ code, file, message });
}
