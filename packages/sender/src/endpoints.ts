import { MAX_SECRETS, type Removal, without, withSecret, withState } from "./core/endpoint.ts";
import type { ClientCertificate, Endpoint, EndpointState } from "./core/model.ts";
import type { Ordering } from "./core/ordering.ts";
import type { RateLimit } from "./core/rate-limit.ts";
import type { Contracts } from "./contracts.ts";
import { statisticsOf, type EndpointStatistics } from "./endpoint-statistics.ts";
import { parseEndpointInput, parseSecret } from "./endpoint-input.ts";
import { SenderError } from "./errors.ts";
import type { Ids } from "./ids.ts";
import type { AnnounceChange } from "./operational-events.ts";
import type { Page, Store } from "./store.ts";
import type { Transport } from "./transport.ts";
import type { Versions } from "./versions.ts";

/** What an endpoint may be told to be. */
export interface EndpointInput {
  readonly url: string;
  /** At most 512 characters. */
  readonly description?: string;
  /** Exact types or `resource.*`. Default: all. */
  readonly eventTypes?: readonly string[];
  /** Sent with every delivery, in addition to ours. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before each attempt, the first 0. Default: the sender's schedule. */
  readonly schedule?: readonly number[];
  /**
   * The order in which it gets events: none, or those of a subject one after another, or all of them so; the next is sent
   * when the one before was delivered, given up or cancelled. Default `none`. A change goes for what is published after it.
   */
  readonly ordering?: Ordering;
  /** Requests a second (0.001 to 10,000) on average, and at once after a pause (1 to 10,000). Default: no limit. */
  readonly rateLimit?: RateLimit;
  /** Shown to the endpoint where it asks who sends (mutual TLS). Kept as secrets are. Default: none. */
  readonly clientCertificate?: ClientCertificate;
  /** Event type to the major it is delivered in, such as `{ "invoice.paid": "1" }`. Default: the newest of now. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Features whose events and members it gets. Default: none. */
  readonly featureFlags?: readonly string[];
}

/** The members to change; those left out stay, and so do the `versions` of types that are left out. */
export interface EndpointChange extends Partial<
  Omit<EndpointInput, "schedule" | "rateLimit" | "clientCertificate">
> {
  readonly schedule?: readonly number[] | null;
  readonly rateLimit?: RateLimit | null;
  readonly clientCertificate?: ClientCertificate | null;
}

/** An endpoint to be. */
export interface NewEndpoint extends EndpointInput {
  readonly subscriber: string;
  /** `whsec_…` or `whsk_…`. Default: a new `whsec_…`. */
  readonly secret?: string;
}

export interface CallOptions {
  /** Within 24 h the same key with the same input answers with what the first call made. */
  readonly idempotencyKey?: string;
}

/** Where deliveries go. Every verb rejects with a `SenderError` when it is refused. */
export interface Endpoints {
  create(input: NewEndpoint, options?: CallOptions): Promise<Endpoint>;
  get(id: string): Promise<Endpoint>;
  list(page: Page & { readonly subscriber?: string }): Promise<readonly Endpoint[]>;
  /** How it is doing: its breaker, its failures, what waits for it and what died. */
  statistics(id: string): Promise<EndpointStatistics>;
  /** Changes the members given (`schedule: null` for the default, `rateLimit: null` and `clientCertificate: null` for none). With `revision`, only if it is still at that one. */
  update(id: string, change: EndpointChange, revision?: number): Promise<Endpoint>;
  /** Removes it and cancels what is scheduled for it. */
  remove(id: string): Promise<void>;
  /** `active` delivers, also what was held; `paused` and `disabled` hold. */
  setState(id: string, state: EndpointState): Promise<Endpoint>;
  /** A new secret signs beside the old one, which ends after `overlapMs` (default 24 h). */
  rotateSecret(
    id: string,
    options?: { readonly secret?: string; readonly overlapMs?: number },
  ): Promise<Endpoint>;
}

export interface EndpointsOptions {
  readonly store: Store;
  readonly transport: Pick<Transport, "checkUrl">;
  readonly contracts: Contracts;
  readonly versions: Versions;
  readonly newId: Ids;
  readonly newSecret: () => string;
  readonly now: () => number;
  readonly digest: (value: unknown) => string;
  /** What its owner is told of a change. */
  readonly announceChange: AnnounceChange;
  /** Something may be due for it now. */
  readonly wake: (endpoints: readonly string[]) => void;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

export function createEndpoints(options: EndpointsOptions): Endpoints {
  const { store, versions, newSecret, now, wake } = options;
  const find = createFind(store);
  const change = createChange(options);

  return {
    create: async (input, callOptions = {}) => versions.complete(await create(input, callOptions, options)),
    get: async (id) => versions.complete(await find(id)),
    list: async (page) => Promise.all((await store.listEndpoints(page)).map(versions.complete)),
    statistics: async (id) => statisticsOf(await find(id), store),
    async update(id, wanted, revision) {
      const { input, removal } = readChange(wanted);
      const parsed = parseEndpointInput(input, options);
      const apply = (before: Endpoint): Endpoint => ({
        ...before,
        ...parsed,
        versions: { ...before.versions, ...parsed.versions },
      });
      return versions.complete(await change(id, (before) => without(apply(before), removal), revision));
    },
    async remove(id) {
      const isRemoved = await store.removeEndpoint(id, now());
      if (!isRemoved) throw new SenderError("endpoint_not_found", "There is no such endpoint");
    },
    async setState(id, state) {
      const before = await find(id);
      if (before.state === state) return versions.complete(before);
      const changed = await change(id, (current) => withState(current, state, now()));
      if (state === "active") wake([id]);
      return versions.complete(changed);
    },
    async rotateSecret(id, { secret = newSecret(), overlapMs = DAY_MS } = {}) {
      const rotation = { secret: parseSecret(secret), nowMs: now(), overlapMs };
      const changed = await change(id, (before) => {
        const after = withSecret(before, rotation);
        if (after.secrets.length <= MAX_SECRETS) return after;
        throw new SenderError(
          "validation_failed",
          `At most ${MAX_SECRETS} secrets sign at once; wait for one to expire`,
        );
      });
      return versions.complete(changed);
    },
  };
}

function createFind(store: Pick<Store, "getEndpoint">) {
  return async (id: string): Promise<Endpoint> => {
    const endpoint = await store.getEndpoint(id);
    if (endpoint === undefined) throw new SenderError("endpoint_not_found", "There is no such endpoint");
    return endpoint;
  };
}

/** Applies a change to the newest revision; when somebody else was faster, to theirs. */
function createChange({ store, now, announceChange }: EndpointsOptions) {
  const find = createFind(store);
  return async (id: string, apply: (before: Endpoint) => Endpoint, revision?: number): Promise<Endpoint> => {
    for (;;) {
      const before = await find(id);
      if (revision !== undefined && before.revision !== revision) {
        throw new SenderError(
          "version_conflict",
          `The endpoint was changed meanwhile: it is at revision ${before.revision}`,
        );
      }
      const after = { ...apply(before), revision: before.revision + 1, updatedAtMs: now() };
      if (await store.changeEndpoint(after, announceChange(before, after))) return after;
    }
  };
}

/** What is to be otherwise, and what is not to be any more. */
function readChange({ schedule, rateLimit, clientCertificate, ...input }: EndpointChange): {
  readonly input: Partial<EndpointInput>;
  readonly removal: Removal;
} {
  return {
    input: {
      ...input,
      ...(schedule === undefined || schedule === null ? {} : { schedule }),
      ...(rateLimit === undefined || rateLimit === null ? {} : { rateLimit }),
      ...(clientCertificate === undefined || clientCertificate === null ? {} : { clientCertificate }),
    },
    removal: {
      schedule: schedule === null,
      rateLimit: rateLimit === null,
      clientCertificate: clientCertificate === null,
    },
  };
}

async function create(
  input: NewEndpoint,
  { idempotencyKey }: CallOptions,
  options: EndpointsOptions,
): Promise<Endpoint> {
  const { store, versions, newId, newSecret, now, digest } = options;
  const { subscriber, secret = newSecret(), featureFlags = [], ...rest } = input;
  if ((await store.getSubscriber(subscriber)) === undefined) {
    throw new SenderError("subscriber_not_found", "There is no such subscriber");
  }
  const parsed = parseEndpointInput({ ...rest, featureFlags }, options);
  const nowMs = now();
  const endpoint: Endpoint = {
    id: newId("ep"),
    subscriber,
    description: "",
    eventTypes: [],
    headers: {},
    ordering: "none",
    ...parsed,
    versions: { ...(await versions.pinsOfNew(featureFlags)), ...parsed.versions },
    secrets: [{ value: parseSecret(secret), createdAtMs: nowMs }],
    state: "active",
    revision: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  const idempotency =
    idempotencyKey === undefined
      ? undefined
      : { key: `endpoint ${idempotencyKey}`, digest: digest(input), nowMs };
  const result = await store.addEndpoint(endpoint, idempotency);
  if (!result.ok) throw new SenderError(result.code, "The idempotency key was used for another request");
  return result.added;
}
