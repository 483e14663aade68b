import { isObject, type Json } from "../json.ts";

/** The TypeScript type of just one JSON value. */
export function literalType(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literalType).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}: ${literalType(inner)}`,
  );
  return members.length === 0 ? "Record<string, never>" : `{ ${members.join("; ")} }`;
}

const plain = /^[A-Za-z_$][\w$]*$/;
const token = /\bmember_([0-9a-f]*)_\b/g;

/**
 * What stands for a member's name while types are written: the name, or a word that `withMemberNames` turns back,
 * where the name is no identifier or every object has one.
 */
export function memberToken(name: string): string {
  const isSafe = plain.test(name) && !(name in Object.prototype) && !/^member_[0-9a-f]*_$/.test(name);
  return isSafe ? name : `member_${Buffer.from(name, "utf16le").toString("hex")}_`;
}

/** Puts the names of members back. */
export function withMemberNames(text: string): string {
  return text.replaceAll(token, (_word, hex: string) => {
    const name = Buffer.from(hex, "hex").toString("utf16le");
    return plain.test(name) ? name : JSON.stringify(name);
  });
}
