import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES };
const INFO = "hooks at rest 1";
/** Far below the 2^32 that random IVs allow one key. */
const MAX_VALUES = 2 ** 20;
const MAX_CACHED = 256;

/** Encrypts under keys that are derived from a master key, and decrypts what was encrypted so. */
export interface Cipher {
  /** Salt, IV, ciphertext, tag. */
  encrypt(value: Uint8Array, aad: Uint8Array): readonly Uint8Array[];
  /** Undefined for what was not encrypted so. */
  decrypt(sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined;
}

interface Writing {
  readonly salt: Buffer;
  readonly key: KeyObject;
  left: number;
}

export function createCipher(masterKey: KeyObject): Cipher {
  const keyOf = createDerivation(masterKey);
  const nextIv = createIvs();
  let writing: Writing | undefined;
  const next = (): Writing => {
    if (writing === undefined || writing.left === 0) {
      const salt = randomBytes(SALT_BYTES);
      writing = { salt, key: keyOf(salt), left: MAX_VALUES };
    }
    writing.left -= 1;
    return writing;
  };
  return {
    encrypt(value, aad) {
      const { salt, key } = next();
      const iv = nextIv();
      const cipher = createCipheriv(ALGORITHM, key, iv, TAG).setAAD(aad);
      const encrypted = cipher.update(value);
      cipher.final();
      return [salt, iv, encrypted, cipher.getAuthTag()];
    },
    decrypt(sealed, aad) {
      const ivAt = SALT_BYTES;
      const valueAt = ivAt + IV_BYTES;
      const tagAt = sealed.length - TAG_BYTES;
      if (tagAt < valueAt) return undefined;
      const key = keyOf(sealed.subarray(0, ivAt));
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(ivAt, valueAt), TAG)
          .setAAD(aad)
          .setAuthTag(sealed.subarray(tagAt));
        const value = decipher.update(sealed.subarray(valueAt, tagAt));
        decipher.final();
        return value;
      } catch {
        return undefined;
      }
    },
  };
}

/** Keys by their salts. Making one takes longer than using it. */
function createDerivation(masterKey: KeyObject): (salt: Uint8Array) => KeyObject {
  const cache = new Map<string, KeyObject>();
  return (salt) => {
    const name = Buffer.from(salt).toString("latin1");
    const known = cache.get(name);
    if (known !== undefined) return known;
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", masterKey, salt, INFO, 32)));
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(name, key);
    return key;
  };
}

/** Random bytes cost less by the thousand. */
function createIvs(): () => Uint8Array {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      pool = randomBytes(IV_BYTES * 256);
      at = 0;
    }
    at += IV_BYTES;
    return pool.subarray(at - IV_BYTES, at);
  };
}
