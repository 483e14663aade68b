import type { SignaturePlace } from "../providers/signature-format.ts";

/** A request in the making. */
export interface Draft {
  readonly method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Puts a text where it belongs; what is there already stays. */
export function place(draft: Draft, where: SignaturePlace, text: string): void {
  switch (where.from) {
    case "header":
      draft.headers[where.name] ??= text;
      return;
    case "numberedHeaders":
      draft.headers[`${where.prefix}1`] ??= text;
      return;
    case "query":
      draft.url += `${draft.url.includes("?") ? "&" : "?"}${where.name}=${encodeURIComponent(text)}`;
      return;
    case "form":
      draft.body = Buffer.from(
        `${draft.body}${draft.body.length > 0 ? "&" : ""}${where.name}=${encodeURIComponent(text)}`,
      );
      return;
    case "body":
      draft.body = withMember(draft.body, where.path, text);
  }
}

type Json = Record<string, unknown>;

function withMember(body: Buffer, path: string, text: string): Buffer {
  const root = JSON.parse(body.toString()) as Json;
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = root;
  for (const name of names) at = (at[name] ??= {}) as Json;
  at[last] = text;
  return Buffer.from(JSON.stringify(root));
}

/** What stands in a JSON body at a path. */
export function valueAt(body: Buffer, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  for (const name of path.split(/\.|(?=\[)/)) {
    const key = name.startsWith("[") ? name.slice(1, -1) : name;
    value = typeof value === "object" && value !== null ? (value as Json)[key] : undefined;
  }
  return value;
}
