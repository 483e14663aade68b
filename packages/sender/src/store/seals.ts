import type { Endpoint } from "../core/model.ts";
import { keyIdOf, type Vault } from "../vault.ts";
import { createKeyChoice, type KeyChoice } from "./key-choice.ts";
import { VaultError } from "../vault/error.ts";

/** The columns that are sealed, and what their values are named by. */
const COLUMNS = {
  /** By the event's id. */
  body: { table: "events", column: "body" },
  /** By the event's id: a hash of what may be easy to guess. */
  digest: { table: "events", column: "digest" },
  /** By the event's id and its own key. */
  rendition: { table: "renditions", column: "body" },
  /** By the endpoint's id. */
  endpoint: { table: "endpoints", column: "document" },
  /** By the delivery's id and the attempt's number, in whatever table. */
  response: { table: "attempts", column: "response" },
  /** By the key. */
  idempotency: { table: "idempotency", column: "digest" },
} as const;

export type SealedColumn = keyof typeof COLUMNS;

/**
 * What a store asks of its vault: bytes, texts and endpoints to keep, and back. Without keys all of it is kept as it is.
 */
export interface Seals extends KeyChoice {
  bytes(column: SealedColumn, name: string, value: Uint8Array): Uint8Array;
  openBytes(column: SealedColumn, name: string, kept: Uint8Array): Uint8Array;
  text(column: SealedColumn, name: string, value: string): string;
  openText(column: SealedColumn, name: string, kept: string): string;
  /** What an attempt was answered. It is worth no error: where it cannot be opened, it is left out. */
  response(delivery: string, attempt: number, value: string): string;
  openResponse(delivery: string, attempt: number, kept: unknown): string | undefined;
  /** As JSON. What others than its owner may know stands in it as it is; everything else is sealed. */
  endpoint(endpoint: Endpoint): string;
  openEndpoint(id: string, document: string): Endpoint;
  /** Whether a kept value is sealed under the present key. */
  isCurrent(column: SealedColumn, kept: Uint8Array | string): boolean;
}

/** What a rendition is named by among all (event, key), and what an attempt (delivery, number). */
export function nameOfPart(...columns: readonly unknown[]): string {
  return columns.join(" ");
}

/** Of texts that are sealed, or that could be taken for one. */
const MARK = "\u{1}";
const OPEN_MEMBERS = [
  "id",
  "subscriber",
  "eventTypes",
  "versions",
  "featureFlags",
  "ordering",
  "state",
  "disabledReason",
  "schedule",
  "rateLimit",
  "enabledAtMs",
  "revision",
  "createdAtMs",
  "updatedAtMs",
] as const satisfies readonly (keyof Endpoint)[];

/** `beforeSealing` is called before anything is encrypted. */
export function createSeals(vault: Vault, beforeSealing: () => void = () => {}): Seals {
  const choice = createKeyChoice(vault);
  const bytes: Seals["bytes"] = (column, name, value) => {
    if (choice.keyId !== undefined) beforeSealing();
    return vault.seal(value, { ...COLUMNS[column], id: name }, choice.keyId);
  };
  const openBytes: Seals["openBytes"] = (column, name, kept) =>
    vault.open(kept, { ...COLUMNS[column], id: name });
  const text: Seals["text"] = (column, name, value) =>
    choice.keyId === undefined && !value.startsWith(MARK)
      ? value
      : MARK + base64(bytes(column, name, Buffer.from(value)));
  const openText: Seals["openText"] = (column, name, kept) =>
    kept.startsWith(MARK) ? utf8(openBytes(column, name, Buffer.from(kept.slice(1), "base64"))) : kept;
  return {
    get keyId() {
      return choice.keyId;
    },
    admit: choice.admit,
    follow: choice.follow,
    bytes,
    openBytes,
    text,
    openText,
    response: (delivery, attempt, value) => text("response", nameOfPart(delivery, attempt), value),
    openResponse(delivery, attempt, kept) {
      if (typeof kept !== "string") return undefined;
      return readable(() => openText("response", nameOfPart(delivery, attempt), kept));
    },
    endpoint(endpoint) {
      if (choice.keyId === undefined) return JSON.stringify(endpoint);
      const { open, secret } = divide(endpoint);
      return JSON.stringify({ ...open, sealed: text("endpoint", endpoint.id, JSON.stringify(secret)) });
    },
    openEndpoint(id, document) {
      // Written above.
      const { sealed, ...open } = JSON.parse(document) as Endpoint & { readonly sealed?: string };
      if (sealed === undefined) return open;
      return { ...(JSON.parse(openText("endpoint", id, sealed)) as Partial<Endpoint>), ...open };
    },
    isCurrent(column, kept) {
      if (typeof kept !== "string") return keyIdOf(kept) === choice.keyId;
      // Written above.
      const sealed = column === "endpoint" ? (JSON.parse(kept) as { readonly sealed?: string }).sealed : kept;
      const isMarked = sealed?.startsWith(MARK) === true;
      return (isMarked ? keyIdOf(Buffer.from(sealed.slice(1), "base64")) : undefined) === choice.keyId;
    },
  };
}

/** The endpoint to serve: where it cannot be opened, one that nothing can be signed for, until somebody helps. */
export function openToServe(id: string, document: string, seals: Seals): Endpoint {
  return readable(() => seals.openEndpoint(id, document)) ?? withoutSecrets(document);
}

/** What is read, or undefined where it cannot be opened. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/** The endpoint without what only its owner should know: good to hold deliveries for, and to sign none. */
export function withoutSecrets(document: string): Endpoint {
  const { sealed: _, ...open } = JSON.parse(document) as Endpoint & { readonly sealed?: string };
  return { ...open, url: "", description: "", headers: {}, secrets: [] };
}

/** The document of an endpoint of which only that was changed which stands in it openly. */
export function changeOpenly(
  document: string,
  change: Partial<Pick<Endpoint, (typeof OPEN_MEMBERS)[number]>>,
): string {
  return JSON.stringify({ ...(JSON.parse(document) as object), ...change });
}

function divide(endpoint: Endpoint): Record<"open" | "secret", Readonly<Record<string, unknown>>> {
  const members = Object.entries(endpoint);
  return {
    open: Object.fromEntries(members.filter(([name]) => isOpen(name))),
    secret: Object.fromEntries(members.filter(([name]) => !isOpen(name))),
  };
}

function isOpen(name: string): boolean {
  return OPEN_MEMBERS.some((open) => open === name);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
