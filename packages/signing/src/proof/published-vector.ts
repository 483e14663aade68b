import type { FetchKey } from "../providers/fetch-key.ts";

/** A genuine request that a provider (or its library's tests, or a standard) published, with all it takes to check it. */
export interface PublishedVector {
  /** The row's id. */
  readonly provider: string;
  /** Where it was published: a page or a file that anyone can open. */
  readonly source: string;
  /** As the provider shows them. */
  readonly secrets: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** What the provider's addresses answer with, for those whose keys are fetched. */
  readonly fetched?: Readonly<Record<string, string>>;
  /** Unix seconds of the receiver's clock; left out where nothing is timed. */
  readonly now?: number;
  /** Default `POST`. */
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body: string | { readonly base64: string };
  /** What the event must say, where the publication says it. */
  readonly event?: { readonly id?: string; readonly type?: string };
}

/** The bytes of a vector's body. */
export function bodyOf({ body }: Pick<PublishedVector, "body">): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.base64, "base64");
}

/** Answers with what was published as fetched, and with nothing else. */
export function fetchKeyOf({ fetched = {} }: Pick<PublishedVector, "fetched">): FetchKey {
  return ({ url }) => {
    const text = Object.hasOwn(fetched, url) ? fetched[url] : undefined;
    return text === undefined ? Promise.reject(new Error("There is nothing here.")) : Promise.resolve(text);
  };
}
