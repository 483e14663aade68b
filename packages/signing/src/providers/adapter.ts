import type { RequestHeaders } from "../headers.ts";
import type { Refusal } from "../reason.ts";
import type { FetchKey } from "./fetch-key.ts";
import type { Claims } from "./jwt-claims.ts";

/** What an adapter is made with. */
export interface AdapterOptions {
  /** The provider's name, for messages. */
  readonly name: string;
  readonly secrets: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly toleranceSeconds?: number | undefined;
  readonly fetchKey?: FetchKey | undefined;
}

/** A request as an adapter sees it: the body is bytes, the clock is read. */
export interface AdapterRequest {
  readonly headers: RequestHeaders;
  readonly body: Uint8Array;
  readonly nowSeconds: number;
  readonly method?: string | undefined;
  /** As the provider called it. */
  readonly url?: string | undefined;
}

/** A request whose signature was checked, before its event is named. */
export interface Attested {
  readonly ok: true;
  /** The place of the secret; 0 where the key was fetched. */
  readonly keyIndex: number;
  readonly covered: "signature" | "token" | "basic";
  /** When it was signed, Unix seconds. */
  readonly timestamp: number | undefined;
  /** Of a token. */
  readonly claims?: Claims;
  /** Named parts of the signature, such as the nonce of RFC 9421. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The event's id and type, where no row could say where they stand. */
  readonly id?: string;
  readonly type?: string;
}

/** Checks requests. Nothing in a request makes it throw or reject. */
export type Attest = (request: AdapterRequest) => Attested | Refusal | Promise<Attested | Refusal>;

/** A setting that has to be there. @throws TypeError */
export function neededSetting({ name, settings }: AdapterOptions, setting: string): string {
  const value = settings[setting];
  if (value === undefined || value === "") throw new TypeError(`Expected the setting ${setting} of ${name}.`);
  return value;
}
