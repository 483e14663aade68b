import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Io } from "./command.ts";
import { Failure, unusable } from "./failure.ts";

/** No event and no schema of one is larger. */
const maxBytes = 20_000_000;

/** Reads a file, or standard input for `-`. Throws `Failure` with what is in the way. */
export async function readBytes(file: string, io: Io): Promise<Buffer> {
  const bytes = file === "-" ? await io.readInput() : await readFileOf(file, io);
  if (bytes.length > maxBytes) throw tooLarge(file);
  return bytes;
}

/** Reads a text file, or standard input for `-`. Throws `Failure` with what is in the way. */
export async function readText(file: string, io: Io): Promise<string> {
  const bytes = await readBytes(file, io);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unusable(`${nameOf(file)} is not text in UTF-8.`, { code: "invalid_encoding", file, cause });
  }
}

async function readFileOf(file: string, io: Io): Promise<Buffer> {
  const path = resolve(io.folder, file);
  try {
    const status = await stat(path);
    if (status.isDirectory())
      throw unusable(`${file} is a folder, not a file.`, { code: "unreadable_file", file });
    if (status.size > maxBytes) throw tooLarge(file);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const message = isMissing ? `There is no file ${file}.` : `${file} cannot be read.`;
    throw unusable(message, { code: "unreadable_file", file, cause });
  }
}

/** What a file is called in messages. */
export function nameOf(file: string): string {
  return file === "-" ? "standard input" : file;
}

function tooLarge(file: string): Failure {
  return unusable(`${nameOf(file)} is larger than ${maxBytes} bytes.`, { code: "file_too_large", file });
}
