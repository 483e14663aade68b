import { type Draft, place, valueAt } from "./draft.ts";

/** What a provider signs of a request. */
export function messageOf(template: string, values: Values): Buffer {
  return Buffer.concat(partsOf(template).map((part) => valueOf(part, values)));
}

/** Literals and, in braces, what stands for a part of the request. */
function partsOf(message: string): readonly string[] {
  return message.match(/\{\{|\}\}|\{[^{}]+\}|[^{}]+/g) ?? [];
}

export interface Values {
  readonly draft: Draft;
  readonly text: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly id: string;
}

function valueOf(part: string, { draft, text, settings, id }: Values): Buffer {
  if (!part.startsWith("{") || part === "{{")
    return Buffer.from(part === "{{" || part === "}}" ? part.slice(1) : part);
  const [source = "", ...rest] = part.slice(1, -1).split(":");
  const name = rest.join(":");
  switch (source) {
    case "body":
      return draft.body;
    case "timestamp":
      return Buffer.from(text);
    case "method":
      return Buffer.from(draft.method);
    case "url":
      return Buffer.from(name === "hubspot" ? hubspotUrl(draft.url) : draft.url);
    case "header":
      return Buffer.from((draft.headers[name] ??= id));
    case "json":
      if (valueAt(draft.body, name) === undefined) place(draft, { from: "body", path: name }, id);
      return Buffer.from(String(valueAt(draft.body, name)));
    case "query":
      return Buffer.from(new URL(draft.url).searchParams.get(name) ?? "");
    case "form":
      return Buffer.from(formText(draft.body, name));
    case "setting":
      return Buffer.from(settings[name] ?? "");
    default:
      throw new TypeError(`Expected a part of the message that is known, got ${part}.`);
  }
}

/** HubSpot decodes these and no others, and drops the fragment. */
function hubspotUrl(url: string): string {
  return url.replace(/#.*$/, "").replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, decodeURIComponent);
}

/** A field's value; with `only:` in front its name and value. */
function formText(body: Buffer, name: string): string {
  const fields = new URLSearchParams(body.toString());
  if (!name.startsWith("only:")) return fields.get(name) ?? "";
  const only = name.slice("only:".length);
  return only + (fields.get(only) ?? "");
}
