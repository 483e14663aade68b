import { Refusal } from "./problem.ts";

const MAX_DEPTH = 64;
const MAX_KEYS = 10_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Bytes of a body as JSON. Depth and members are counted before anything is built of them. Throws a `Refusal`. */
export function parseJson(bytes: Uint8Array): unknown {
  measure(bytes);
  const text = decode(bytes);
  const value = parse(text);
  // Escapes can write the name in many ways, so only a body without any is sure not to contain it.
  if (text.includes("__proto__") || text.includes("\\u")) refuseProto(value, "");
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal("invalid_encoding", "Expected UTF-8; the body has bytes that are none");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the body.
    throw new Refusal("invalid_json", text === "" ? "Expected JSON; the body is empty" : "Expected JSON");
  }
}

/** Counts on the bytes, because in UTF-8 no byte of another character looks like one of these. */
function measure(bytes: Uint8Array): void {
  let depth = 0;
  let keys = 0;
  let isInString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (isInString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === COLON) keys += 1;
    else if (isOpening(byte)) depth += 1;
    else if (isClosing(byte)) depth -= 1;
    if (depth > MAX_DEPTH || keys > MAX_KEYS) {
      throw new Refusal("json_too_deep", `Expected at most ${MAX_DEPTH} levels and ${MAX_KEYS} members`);
    }
  }
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}

function refuseProto(value: unknown, pointer: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const here = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (name === "__proto__") {
      const message = "There is no such member";
      throw new Refusal("unknown_field", message, {
        errors: [{ pointer: here, code: "unknown_field", message }],
      });
    }
    refuseProto(member, here);
  }
}
