import { joinBytes, noRoom, tooLarge } from "./body-limits.ts";
import type { BodyRead, HoldBytes } from "./receive.ts";

/** Unpacks gzip, one layer, up to `maxBytes`: a bomb ends there. Never rejects. */
export async function gunzip(packed: Uint8Array, maxBytes: number, hold: HoldBytes): Promise<BodyRead> {
  try {
    // Read from the network, so never shared memory.
    const source = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source.pipeThrough(new DecompressionStream("gzip"))) {
      size += chunk.byteLength;
      if (size > maxBytes) return tooLarge(maxBytes);
      if (!hold(chunk.byteLength)) return noRoom;
      chunks.push(chunk);
    }
    return { kind: "bytes", bytes: joinBytes(chunks, size) };
  } catch {
    return { kind: "refused", code: "bad_request", hint: "The body is not gzip." };
  }
}
