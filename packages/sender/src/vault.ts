import { compress, decompress } from "./vault/compression.ts";
import { createCipher } from "./vault/cipher.ts";
import { damaged, VaultError } from "./vault/error.ts";
import { parseMasterKeys } from "./vault/master-keys.ts";

/** Where a value stands. It is sealed together with this, so that it opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly id: string;
}

/**
 * Turns values into what a store keeps, and back. What is kept says in its first byte how: what was written before there
 * was a vault, or under other keys, stands beside what is written now.
 */
export interface Vault {
  /** Ids of the keys that it has. The first is the one to seal under; without any, nothing is encrypted. */
  readonly keyIds: readonly string[];
  /** Compresses where that pays and encrypts under the key, if one is named. Throws when it does not have it. */
  seal(value: Uint8Array, place: Place, keyId: string | undefined): Uint8Array;
  /** What was sealed. Throws a `VaultError`: `unknown_master_key` or `damaged_value`. */
  open(kept: Uint8Array, place: Place): Uint8Array;
}

export interface VaultOptions {
  /**
   * `KEY_ID:base64 of 32 random bytes`, several separated by commas: the first encrypts, all decrypt. Default: none, and
   * nothing is encrypted.
   */
  readonly masterKeys?: string;
  /** Values of so many bytes are compressed, where that makes them smaller. Default: none are. */
  readonly compressFromBytes?: number;
}

/** A body begins with `{` and is kept as it is. No two of these differ in one bit only. */
const FORMATS = {
  json: 0x7b,
  plain: 0x10,
  compressed: 0x21,
  encrypted: 0x32,
  encryptedCompressed: 0x43,
} as const;

/**
 * A vault in this process: raw DEFLATE, then AES-256-GCM with a random 96-bit IV and a 128-bit tag. Master keys encrypt
 * nothing themselves: every process derives keys from them (HKDF-SHA-256, a random salt of 128 bits that stands in the
 * value) and takes another after 2^20 values, so that a master key may encrypt as much as it likes where one used directly
 * would be spent after 2^32 values. The place and the key's id are authenticated with the value.
 * Throws a `VaultError` (`invalid_master_key`) that says which entry is wrong, and never repeats it.
 */
export function createVault(options: VaultOptions = {}): Vault {
  const { masterKeys = "", compressFromBytes = Infinity } = options;
  const ring = parseMasterKeys(masterKeys);
  const ciphers = new Map(ring.map(({ id, key }) => [id, createCipher(key)]));
  const vault: Vault = {
    keyIds: ring.map(({ id }) => id),
    seal(value, place, keyId) {
      const smaller = value.length >= compressFromBytes ? compress(value) : undefined;
      if (keyId === undefined) return smaller === undefined ? asPlain(value) : marked("compressed", smaller);
      const head = headOf(smaller === undefined ? "encrypted" : "encryptedCompressed", keyId);
      const sealed = cipherOf(ciphers, keyId).encrypt(smaller ?? value, aadOf(head, place));
      return Buffer.concat([head, ...sealed]);
    },
    open(kept, place) {
      const [format] = kept;
      if (isPlain(kept)) return kept;
      const inflate = (bytes: Uint8Array) => decompress(bytes) ?? damaged(place);
      if (format === FORMATS.plain) return kept.subarray(1);
      if (format === FORMATS.compressed) return inflate(kept.subarray(1));
      const keyId = keyIdOf(kept) ?? damaged(place);
      const head = kept.subarray(0, 2 + keyId.length);
      const value = cipherOf(ciphers, keyId).decrypt(kept.subarray(head.length), aadOf(head, place));
      if (value === undefined) return damaged(place);
      return format === FORMATS.encrypted ? value : inflate(value);
    },
  };
  madeFrom.set(vault, options);
  return vault;
}

/** Beside the vaults and not in them, where somebody might print them. */
const madeFrom = new WeakMap<Vault, VaultOptions>();

/** What makes the same vault again; undefined where `createVault` did not make it. */
export function optionsOf(vault: Vault): VaultOptions | undefined {
  return madeFrom.get(vault);
}

/** Whether a kept value is the value itself: then nothing has to be opened. */
export function isPlain(kept: Uint8Array): boolean {
  return kept[0] === FORMATS.json;
}

/** The id of the key that a kept value is encrypted under; undefined for what is not. */
export function keyIdOf(kept: Uint8Array): string | undefined {
  const [format, length = 0] = kept;
  if (format !== FORMATS.encrypted && format !== FORMATS.encryptedCompressed) return undefined;
  return Buffer.from(kept.subarray(2, 2 + length)).toString("latin1");
}

function asPlain(value: Uint8Array): Uint8Array {
  return isPlain(value) ? value : marked("plain", value);
}

function marked(format: keyof typeof FORMATS, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(FORMATS[format]), value]);
}

function headOf(format: keyof typeof FORMATS, keyId: string): Buffer {
  return Buffer.concat([Buffer.of(FORMATS[format], keyId.length), Buffer.from(keyId, "latin1")]);
}

/** The id comes last: it is the only one that may hold anything. */
function aadOf(head: Uint8Array, { table, column, id }: Place): Buffer {
  return Buffer.concat([head, Buffer.from(`${table}\0${column}\0${id}`)]);
}

function cipherOf<T>(ciphers: ReadonlyMap<string, T>, keyId: string): T {
  const cipher = ciphers.get(keyId);
  if (cipher !== undefined) return cipher;
  throw new VaultError(
    "unknown_master_key",
    `The master key ${keyId} is needed and is not among those given`,
  );
}
