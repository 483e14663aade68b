import {
  findProvider,
  generateTestRequest,
  type Provider,
  type ProviderId,
  type TestRequestOptions,
} from "@hooks/signing/providers/node";

/** A body as it is, or an object that is sent as JSON. */
export type TestEvent = string | Uint8Array | Readonly<Record<string, unknown>>;

export interface SignedRequestOptions extends Pick<TestRequestOptions, "timestamp" | "settings" | "headers"> {
  /** As the provider shows it. */
  readonly secret: string;
  /** Whose scheme it is signed with: a name, or a row of your own. Default `standard-webhooks`. */
  readonly provider?: ProviderId | Provider;
  /** Where it goes; as the provider calls it, where that is signed. Default `https://example.com/webhooks`. */
  readonly url?: string;
  /** Where the provider names an event in a header. Default: the event's `id`, or a random one. */
  readonly id?: string;
  /** Where the provider names an event's type in a header. Default: the event's `type`. */
  readonly type?: string;
}

/** What `fastify.inject` takes; `supertest` has it with `.post(url).set(headers).send(payload)`. */
export interface InjectableRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload: Buffer;
}

/**
 * A genuine request of a provider, for the tests of a receiver: to be given to a fetch handler, or to `fetch` with the
 * `url` of a server.
 *
 * @throws TypeError for a provider that signs otherwise than with Standard Webhooks, an HMAC or a token (Twilio apart),
 * KeyError for a secret that is none, and what `findProvider` throws for a name that is unknown.
 */
export function signedRequest(event: TestEvent, options: SignedRequestOptions): Request {
  const { url, headers, payload } = signedInject(event, options);
  return new Request(url, { method: "POST", headers, body: Uint8Array.from(payload) });
}

/** The same for `inject` of fastify, and for supertest. `url` may be a path. @throws what `signedRequest` throws. */
export function signedInject(event: TestEvent, options: SignedRequestOptions): InjectableRequest {
  const { provider = "standard-webhooks", secret, timestamp, settings, url: target } = options;
  const row = typeof provider === "string" ? findProvider(provider) : provider;
  const bytes = typeof event === "string" || event instanceof Uint8Array ? event : JSON.stringify(event);
  const named = namesOf(event);
  const type = options.type ?? named.type;
  const { url, headers, body } = generateTestRequest(row, {
    secret,
    body: bytes,
    id: options.id ?? named.id ?? `test_${crypto.randomUUID()}`,
    headers: { "content-type": "application/json", ...options.headers },
    ...(type === undefined ? {} : { type }),
    ...(target === undefined ? {} : { url: target }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(settings === undefined ? {} : { settings }),
  });
  return { method: "POST", url, headers: { ...headers }, payload: Buffer.from(body) };
}

function namesOf(event: TestEvent): { readonly id?: string; readonly type?: string } {
  if (typeof event === "string" || event instanceof Uint8Array) return {};
  const { id, type } = event;
  return { ...(typeof id === "string" ? { id } : {}), ...(typeof type === "string" ? { type } : {}) };
}
