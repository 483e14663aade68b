import { write } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

export interface LineWriterOptions {
  /** A file descriptor, such as 1. */
  readonly fd: number;
  /** Lines are collected until so many bytes are there, or until `flush`. */
  readonly blockBytes: number;
  /** What may wait while nobody reads; lines beyond are left out. At least `blockBytes`. */
  readonly maxWaitingBytes: number;
}

/** Writes lines in blocks, off the event loop. Memory is bounded, whoever reads. */
export interface LineWriter {
  write(line: string): void;
  flush(): void;
  /** From now on so many bytes make a block. */
  resize(blockBytes: number): void;
  /** Writes what is there; resolves when it is written, or cannot be. */
  end(): Promise<void>;
  /** How many lines were left out. */
  dropped(): number;
}

/**
 * Lines go into one buffer as bytes, once: a string that grows is kept in pieces, copied when it is written, and copied
 * by the garbage collector in between. A line is never torn between two writes, so that those of several processes do
 * not mix where a write of `blockBytes` is atomic, as in pipes up to 4,096.
 */
export function createLineWriter({ fd, maxWaitingBytes, ...options }: LineWriterOptions): LineWriter {
  let { blockBytes } = options;
  let waiting = Buffer.allocUnsafeSlow(maxWaitingBytes);
  let spare = Buffer.allocUnsafeSlow(maxWaitingBytes);
  /** Bytes of lines in `waiting`. */
  let used = 0;
  let dropped = 0;
  let isBroken = false;
  let writing: Promise<void> | undefined;

  const send = (): Promise<void> => {
    const block = waiting.subarray(0, used);
    [waiting, spare] = [spare, waiting];
    used = 0;
    return writeAll(fd, block, blockBytes).then(
      () => void (writing = undefined),
      () => {
        // Whoever read has gone.
        isBroken = true;
        used = 0;
        writing = undefined;
      },
    );
  };
  const flush = () => {
    if (used > 0 && writing === undefined) writing = send();
  };
  const end = async (): Promise<void> => {
    flush();
    if (writing === undefined) return;
    await writing;
    await end();
  };
  return {
    write: (line) => {
      // A character takes at most 3 bytes in UTF-8.
      if (isBroken || used + line.length * 3 > maxWaitingBytes) {
        dropped += 1;
        return;
      }
      if (used > 0 && used + line.length > blockBytes) flush();
      used += waiting.write(line, used);
    },
    flush,
    resize: (bytes) => {
      blockBytes = bytes;
    },
    end,
    dropped: () => dropped,
  };
}

const writeSome = promisify(write);
const lineEnd = 10;

async function writeAll(fd: number, lines: Buffer, blockBytes: number): Promise<void> {
  for (let at = 0; at < lines.length;) {
    try {
      const { bytesWritten } = await writeSome(fd, lines, at, blockLength(lines.subarray(at), blockBytes));
      at += bytesWritten;
    } catch (error) {
      const isFull = error instanceof Error && "code" in error && error.code === "EAGAIN";
      if (!isFull) throw error;
      await pause(20);
    }
  }
}

/** As many whole lines as fit, at least one. */
function blockLength(lines: Buffer, blockBytes: number): number {
  if (lines.length <= blockBytes) return lines.length;
  const last = lines.lastIndexOf(lineEnd, blockBytes - 1);
  return (last < 0 ? lines.indexOf(lineEnd) : last) + 1;
}
