import type { Provider } from "../providers/provider.ts";
import type { ValueSource } from "../providers/value-source.ts";
import { type Dice, randomBytes } from "./dice.ts";

const texts = [
  "$&",
  "$1 $` $'",
  "\u0000",
  "\ufffd",
  "é 漢 🎉",
  '"quoted"\\',
  "{body}",
  "{timestamp}",
  "a.b|c:d",
];

/** A JSON body with awkward text, and those members. */
export function jsonBody(members: Readonly<Record<string, unknown>>, roll: Dice): Buffer {
  const data: Record<string, unknown> = {
    note: texts[roll(texts.length)],
    bytes: randomBytes(roll(200), roll).toString("latin1"),
  };
  for (const [path, value] of Object.entries(members)) put(data, path, value);
  const ending = ["", "\n", "\r\n", " "][roll(4)];
  return Buffer.from(JSON.stringify(data, null, roll(3)) + ending);
}

function put(data: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = data;
  for (const name of names) {
    at = (at[name] ??= {}) as Record<string, unknown>;
  }
  at[last] = value;
}

/** What names the event, spread over headers and members as the row's first way says. */
export function namesOf({ event }: Provider, roll: Dice) {
  const headers: Record<string, string> = {};
  const members: Record<string, unknown> = {};
  const value = () => `e-${roll(1e9)}`;
  const give = (source: ValueSource | undefined): string | undefined => {
    switch (source?.from) {
      case "header":
        return (headers[source.name] ??= value());
      case "body":
        return source.path.startsWith("[") ? undefined : ((members[source.path] ??= value()) as string);
      case "all":
        return source.parts.map(give).join(":");
      default:
        return undefined;
    }
  };
  const id = give(event.id?.[0]);
  give(event.type);
  return { headers, members, id };
}
