import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  inflateRawSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { createVault } from "@hooks/sender";
import { type Comparison, throughput } from "./bench.ts";

/** Seals and opens bodies as a store keeps them, beside the bare cipher and ways to compress. */
export function* atRest(): Generator<Comparison> {
  for (const bytes of [1_000, 4_000, 10_000, 50_000]) {
    const body = invoice(bytes);
    const ways = waysFor(body);
    const [ours, ...others] = ways;
    if (ours === undefined) return;
    for (const step of ["seal", "open"] as const)
      yield {
        name: `${step} ${bytes / 1_000} kB`,
        unit: "op/s",
        better: "higher",
        ours: { name: ours.name, measure: throughput(ours[step]) },
        others: others.map((way) => ({
          name: `${way.name}, to ${Math.round((way.keptBytes / body.length) * 100)} %`,
          measure: throughput(way[step]),
        })),
      };
  }
}

interface Way {
  readonly name: string;
  readonly keptBytes: number;
  readonly seal: () => Uint8Array;
  readonly open: () => Uint8Array;
}

function waysFor(body: Buffer): readonly Way[] {
  const masterKeys = `k:${randomBytes(32).toString("base64")}`;
  const place = { table: "events", column: "body", id: "evt_01JD0000000000000000000000" };
  const vault = (name: string, compressFromBytes: number): Way => {
    const { seal, open } = createVault({ masterKeys, compressFromBytes });
    const kept = seal(body, place, "k");
    return {
      name,
      keptBytes: kept.length,
      seal: () => seal(body, place, "k"),
      open: () => open(kept, place),
    };
  };
  const compressor = (
    name: string,
    compress: (bytes: Uint8Array) => Buffer,
    decompress: (bytes: Buffer) => Buffer,
  ): Way => {
    const kept = compress(body);
    return { name, keptBytes: kept.length, seal: () => compress(body), open: () => decompress(kept) };
  };
  return [
    vault("vault", Infinity),
    bare(body),
    vault("vault that compresses", 1),
    compressor("DEFLATE, level 1", (bytes) => deflateRawSync(bytes, { level: 1 }), inflateRawSync),
    compressor("DEFLATE, level 6", (bytes) => deflateRawSync(bytes, { level: 6 }), inflateRawSync),
    compressor(
      "Zstandard, level 1",
      (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
      (bytes) => zstdDecompressSync(bytes),
    ),
    compressor(
      "Brotli, quality 1",
      (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
      (bytes) => brotliDecompressSync(bytes),
    ),
  ];
}

function bare(body: Buffer): Way {
  const key = createSecretKey(randomBytes(32));
  const iv = randomBytes(12);
  const options = { authTagLength: 16 };
  const seal = () => {
    const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12), options);
    const sealed = cipher.update(body);
    cipher.final();
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  };
  const cipher = createCipheriv("aes-256-gcm", key, iv, options);
  const sealed = cipher.update(body);
  cipher.final();
  const tag = cipher.getAuthTag();
  const open = () => {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, options).setAuthTag(tag);
    const opened = decipher.update(sealed);
    decipher.final();
    return opened;
  };
  return { name: "bare AES-256-GCM", keptBytes: sealed.length + 28, seal, open };
}

/** Lines that repeat their names and not their values, as those of real payloads. */
function invoice(bytes: number): Buffer {
  const lines: unknown[] = [];
  const object = { id: id("inv"), customer: id("cus"), status: "paid", lines };
  const event = {
    id: id("evt"),
    type: "invoice.paid",
    version: "1.0.0",
    source: "billing",
    data: { object },
  };
  for (let number = 0; JSON.stringify(event).length < bytes; number += 1)
    lines.push({
      id: id("li"),
      description: `Item ${number}`,
      amount: (number * 7_919) % 100_000,
      quantity: number % 5,
    });
  return Buffer.from(JSON.stringify(event));
}

function id(prefix: string): string {
  return `${prefix}_${randomBytes(8).toString("hex")}`;
}
