import { createSecretKey, type KeyObject } from "node:crypto";
import { VaultError } from "./error.ts";

export interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

const ENTRY = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/_-]{43}=?)$/;
const MAX_KEYS = 16;

/** Reads `KEY_ID:base64,…`; a text without anything has no keys. What is wrong may be a key, so it is not repeated. */
export function parseMasterKeys(text: string): readonly MasterKey[] {
  if (typeof text !== "string") refuse(`Expected master keys as a text, got a ${typeof text}`);
  if (text.trim() === "") return [];
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.length > MAX_KEYS) refuse(`Expected at most ${MAX_KEYS} master keys, got ${entries.length}`);
  const keys = entries.map((entry, index) => parseEntry(entry, index + 1));
  const repeated = keys.find(({ id }, index) => keys.findIndex((key) => key.id === id) !== index);
  if (repeated !== undefined) refuse(`Expected different ids of master keys, got ${repeated.id} twice`);
  return keys;
}

function parseEntry(entry: string, number: number): MasterKey {
  const [, id, base64] = ENTRY.exec(entry) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (id === undefined || bytes.length !== 32)
    return refuse(
      `Expected KEY_ID:base64 of 32 bytes, the id of 1 to 64 letters, digits, ".", "_" and "-"; master key ${number} is not`,
    );
  if (bytes.every((byte) => byte === bytes[0]))
    return refuse(`Expected 32 random bytes; those of master key ${number} (${id}) are all the same`);
  return { id, key: createSecretKey(bytes) };
}

function refuse(message: string): never {
  throw new VaultError("invalid_master_key", message);
}
