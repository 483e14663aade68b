import type { Gunzip } from "node:zlib";
import { joinBytes, noRoom, tooLarge } from "./body-limits.ts";
import { nodeModule } from "./node-module.ts";
import type { BodyRead, HoldBytes } from "./receive.ts";

/** Unpacks gzip, one layer, up to `maxBytes`: a bomb ends there. Never rejects. */
export async function gunzip(packed: Uint8Array, maxBytes: number, hold: HoldBytes): Promise<BodyRead> {
  try {
    const unpacking = unpack(packed);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of unpacking) {
      size += chunk.byteLength;
      if (size > maxBytes) return tooLarge(maxBytes);
      if (!hold(chunk.byteLength)) return noRoom;
      chunks.push(chunk);
    }
    const { bytesWritten = packed.length } = unpacking as Partial<Gunzip>;
    // Node.js takes zeros, and whatever is after them, for the end.
    if (bytesWritten === packed.length) return { kind: "bytes", bytes: joinBytes(chunks, size) };
  } catch {
    // Said below.
  }
  return { kind: "refused", code: "bad_request", hint: "The body is not gzip." };
}

/** Several members after one another are unpacked by Node.js, and refused by `DecompressionStream`. */
function unpack(packed: Uint8Array): AsyncIterable<Uint8Array> {
  return (
    nodeModule("node:zlib")?.createGunzip().end(packed) ??
    // Read from the network, so never shared memory.
    new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"))
  );
}
