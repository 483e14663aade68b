import { generateSecret } from "@hooks/signing";
import type { Provider } from "@hooks/signing/providers";

const secrets = new Map<string, string>();

/** A secret of a provider; without `isGenuine` one of somebody else. The same each time. */
export function secretOf(row: Provider, isGenuine = true): string {
  const name = `${row.id} ${isGenuine}`;
  const made = secrets.get(name) ?? makeSecret(row);
  secrets.set(name, made);
  return made;
}

function makeSecret(row: Provider): string {
  if (row.kind === "standard-webhooks") return generateSecret();
  const text = Buffer.from(generateSecret().slice(6), "base64");
  if (row.kind === "hmac" && row.secret !== "utf8") return text.toString(row.secret);
  const isBasic = row.kind === "token" && row.token.from === "basic";
  return `${isBasic ? "user:" : ""}${text.toString("base64url")}`;
}

/** What a row asks for. */
export function settingsOf({ settings = {} }: Provider): Record<string, string> {
  const needed = Object.entries(settings).filter(([name, { required }]) => required || name === "header");
  return Object.fromEntries(
    needed.map(([name]) => [name, name === "header" ? "x-configured" : `https://example.com/${name}?n=1`]),
  );
}
