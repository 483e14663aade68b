import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint, NextStep } from "../../core/model.ts";
import {
  StoreUnavailableError,
  type NewEvent,
  type Rewrapped,
  type Settlement,
  type Store,
  type TakenDelivery,
} from "../../store.ts";
import { createVault, keyIdOf, type Vault } from "../../vault.ts";
import { createBundle, T0 } from "./bundle.ts";

/** A place where a store keeps what it keeps, with nothing in it yet. */
export interface KeptPlace {
  /** Opens a store there, also beside others. Rejects where the store cannot be used with this vault. */
  open(vault?: Vault): Promise<Store>;
  /** Runs SQL on its tables, with `?` for values. */
  execute(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Everything that is kept there. */
  dump(): Promise<Buffer>;
}

const keyOf = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const K1 = keyOf("k1");
const K2 = keyOf("k2");
const vaultOf = (...keys: readonly string[]) =>
  createVault({ masterKeys: keys.join(), compressFromBytes: 500 });

const MARKERS = {
  body: "marker-of-the-body",
  rendition: "marker-of-the-rendition",
  secret: "whsec_marker-of-the-secret",
  clientKey: "marker-of-the-client-key",
  header: "marker-of-the-header",
  url: "marker-of-the-url",
  response: "marker-of-the-response",
};

/** What every store that takes a vault must do with it. */
export function describeVault(name: string, newPlace: () => Promise<KeptPlace>): void {
  describe(`${name} with a vault`, () => {
    let place: KeptPlace;
    let stores: Store[];
    beforeEach(async () => {
      place = await newPlace();
      stores = [];
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
    });
    const open = async (...keys: readonly string[]) => {
      const store = await place.open(vaultOf(...keys));
      stores.push(store);
      return store;
    };
    const close = async (store: Store) => {
      stores = stores.filter((one) => one !== store);
      await store.close();
    };
    const context = { open, close, place: () => place };
    describeSecrecy(context);
    describeTampering(context);
    describeStart(context);
    describeRewrap(context);
  });
}

interface Context {
  readonly open: (...keys: readonly string[]) => Promise<Store>;
  readonly close: (store: Store) => Promise<void>;
  readonly place: () => KeptPlace;
}

/** Everything that has to stay secret, in every place where it can stand. Gives what has to be read again. */
async function fill(store: Store, events = 3) {
  const bundle = createBundle(() => store);
  const endpoint = await bundle.addEndpoint({
    url: `https://example.com/${MARKERS.url}`,
    headers: { authorization: MARKERS.header },
    secrets: [{ value: MARKERS.secret, createdAtMs: T0 }],
    clientCertificate: { certificate: "a certificate", key: MARKERS.clientKey },
  });
  const other = await bundle.addEndpoint({ versions: { "invoice.paid": "2" } });
  const render: NewEvent["render"] = ({ versions }) =>
    versions["invoice.paid"] === undefined
      ? { kind: "own" }
      : {
          kind: "other",
          key: "2.0.0",
          version: "2.0.0",
          envelope: { before: `{"x":"${MARKERS.rendition.repeat(40)}"`, after: "}" },
        };
  const ids: string[] = [];
  for (let number = 0; number < events; number += 1) {
    const event = bundle.eventOf({
      envelope: { before: `{"x":"${MARKERS.body} ${number} ${"-".repeat(800)}"`, after: "}" },
      render,
      idempotency: { key: `key ${randomBytes(6).toString("hex")}`, digest: "d" },
    });
    ids.push(event.id);
    await store.publish([event], T0);
  }
  const { owned } = await bundle.lease("w1");
  const { deliveries } = await bundle.take("w1", owned, { room: 100 });
  const settlements = deliveries
    .slice(0, 2)
    .map((delivery, index) =>
      answered(
        delivery,
        index === 0 ? { state: "scheduled", dueMs: T0 } : { state: "dead", reason: "attempts_exhausted" },
      ),
    );
  await store.settle({ settlements, health: [], finishedBatches: [], nowMs: T0 });
  await store.release("w1");
  return { bundle, endpoint, other, ids, answered: settlements.map(({ delivery }) => delivery.id) };
}

function answered(delivery: TakenDelivery, next: NextStep): Settlement {
  return {
    delivery,
    attempt: {
      delivery: delivery.id,
      number: delivery.attempts + 1,
      startedAtMs: T0,
      durationMs: 1,
      outcome: "http_status",
      status: 500,
      response: `${MARKERS.response} `.repeat(30),
    },
    next,
  };
}

type Filled = Awaited<ReturnType<typeof fill>>;

async function expectReadable(store: Store, { endpoint, ids, answered }: Filled) {
  expect(await store.getEndpoint(endpoint.id)).toEqual(endpoint);
  for (const [number, id] of ids.entries()) {
    const event = await store.getEvent(id);
    expect(Buffer.from(event?.body ?? []).toString()).toContain(`${MARKERS.body} ${number} `);
  }
  for (const id of answered) {
    expect(Buffer.from((await store.getSent(id))?.body ?? []).toString()).toContain("marker-of-the-");
    const [attempt] = await store.listAttempts(id);
    expect(attempt?.response).toContain(MARKERS.response);
  }
}

async function rewrapAll(store: Store, meanwhile: () => Promise<unknown> = async () => {}) {
  let sealed = 0;
  let unreadable = 0;
  let last: Rewrapped | undefined;
  while (last?.state !== "done") {
    last = await store.rewrap({ limit: 2, after: last?.after });
    sealed += last.sealed;
    unreadable += last.unreadable;
    await meanwhile();
  }
  return { ...last, sealed, unreadable };
}

function describeSecrecy({ open, place }: Context): void {
  describe("what is kept", () => {
    it("is the same as without, for who has the keys", async () => {
      const store = await open(K1);
      const filled = await fill(store);
      await expectReadable(store, filled);
      const { owned } = await filled.bundle.lease("w2");
      const { deliveries, endpoints } = await filled.bundle.take("w2", owned, { room: 100 });
      expect(endpoints.map(({ secrets }) => secrets[0]?.value).toSorted()).toEqual([
        MARKERS.secret,
        "whsec_x",
      ]);
      for (const { endpoint, event } of deliveries)
        expect(Buffer.from(event.body).toString()).toContain(
          endpoint === filled.other.id ? MARKERS.rendition : MARKERS.body,
        );
    });

    it("shows no body, rendition, secret, header, URL or answer", async () => {
      const { ids } = await fill(await open(K1));
      const dump = await place().dump();
      // It did look where it should.
      expect(dump.includes(ids[0] ?? "?")).toBe(true);
      for (const marker of [...Object.values(MARKERS), "digest of"])
        expect(dump.includes(marker)).toBe(false);
    });

    it("knows an event and a key again", async () => {
      const store = await open(K1);
      const { eventOf } = createBundle(() => store);
      const event = eventOf({ idempotency: { key: "k", digest: "d" } });
      await store.publish([event], T0);
      expect(await store.publish([event], T0)).toMatchObject([{ kind: "published", duplicate: true }]);
      expect(await store.publish([{ ...event, digest: "e" }], T0)).toMatchObject([
        { kind: "event_id_conflict" },
      ]);
      const other = { ...eventOf(), idempotency: { key: "k", digest: "e" } };
      expect(await store.publish([other], T0)).toMatchObject([{ kind: "idempotency_conflict" }]);
    });
  });
}

function describeTampering({ open, place }: Context): void {
  const swap = async (table: string, column: string, [one, other]: readonly string[]) => {
    const read = async (id: string | undefined) =>
      (await place().execute(`SELECT ${column} AS value FROM ${table} WHERE id = ?`, [id]))[0]?.["value"];
    const values = [await read(one), await read(other)];
    const write = `UPDATE ${table} SET ${column} = ? WHERE id = ?`;
    await place().execute(write, [values[1], one]);
    await place().execute(write, [values[0], other]);
  };

  describe("what was changed", () => {
    it("is refused when bodies were swapped, and the other deliveries go", async () => {
      const store = await open(K1);
      const { addEndpoint, eventOf, lease, take } = createBundle(() => store);
      await addEndpoint();
      const events = [eventOf(), eventOf(), eventOf()];
      await store.publish(events, T0);
      const [one = "", other = "", third] = events.map(({ id }) => id);
      await swap("events", "body", [one, other]);
      for (const id of [one, other])
        await expect(store.getEvent(id)).rejects.toMatchObject({ code: "damaged_value" });
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned);
      const faults = new Map(deliveries.map(({ event, fault }) => [event.id, fault]));
      expect(faults).toEqual(
        new Map([
          [one, "payload_unavailable"],
          [other, "payload_unavailable"],
          [third, undefined],
        ]),
      );
      for (const { event, fault } of deliveries) expect(event.body.length === 0).toBe(fault !== undefined);
    });

    it("is refused when endpoints were swapped: nothing can be signed for them, and the others are served", async () => {
      const store = await open(K1);
      const { addEndpoint, eventOf, lease, take } = createBundle(() => store);
      const endpoints: Endpoint[] = [await addEndpoint(), await addEndpoint(), await addEndpoint()];
      const ids = endpoints.map(({ id }) => id);
      await swap("endpoints", "document", ids);
      await expect(store.getEndpoint(ids[0] ?? "")).rejects.toMatchObject({ code: "damaged_value" });
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const batch = await take("w1", owned, { endpoints: ids });
      expect(batch.deliveries).toHaveLength(3);
      expect(batch.endpoints.filter(({ secrets }) => secrets.length === 0)).toHaveLength(2);
    });

    it("shows an attempt without its answer", async () => {
      const store = await open(K1);
      const { answered } = await fill(store);
      await place().execute("UPDATE attempts SET response = ?", ["\u{1}MgJrMQAA"]);
      const [attempt] = await store.listAttempts(answered[0] ?? "");
      expect(attempt).toMatchObject({ number: 1, status: 500 });
      expect(attempt).not.toHaveProperty("response");
    });

    it("is left as it is by a rewrap, which goes on", async () => {
      const store = await open(K1);
      const { ids } = await fill(store);
      await swap("events", "body", ids);
      expect(await rewrapAll(await open(K2, K1))).toMatchObject({ unreadable: 2, forgotten: ["k1"] });
    });
  });
}

function describeStart({ open, close, place }: Context): void {
  describe("opening", () => {
    it("is refused without a key in use, which is named", async () => {
      await close(await open(K1));
      for (const keys of [[], [K2]]) {
        const opening = open(...keys);
        await expect(opening).rejects.toMatchObject({ code: "unknown_master_key" });
        await expect(opening).rejects.toThrow("master key k1");
      }
    });

    it("is refused with another key of the same id, and says nothing of either", async () => {
      await close(await open(K1));
      const other = keyOf("k1");
      const error: unknown = await open(other).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "wrong_master_key" });
      for (const key of [K1, other])
        expect(JSON.stringify(error) + String(error)).not.toContain(key.slice(3));
    });

    it("reads what was written before there were keys", async () => {
      const plain = await open();
      const filled = await fill(plain);
      await close(plain);
      const store = await open(K1);
      await expectReadable(store, filled);
      await store.publish([filled.bundle.eventOf()], T0);
      expect(await rewrapAll(store)).toMatchObject({ unreadable: 0, forgotten: [], inUse: [] });
      await expectReadable(store, filled);
      await close(store);
      const dump = await place().dump();
      for (const marker of Object.values(MARKERS)) expect(dump.includes(marker)).toBe(false);
    });

    it("serves nobody, and keeps nothing, where others write what it could not read", async () => {
      const before = await open(K1);
      const { lease, eventOf } = createBundle(() => before);
      const after = await open(K2, K1);
      await expect(lease("w1")).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(lease("w1")).rejects.toThrow("master key k2");
      await rewrapAll(after);
      await expect(before.publish([eventOf()], T0)).rejects.toMatchObject({
        code: "storage_unavailable",
        cause: { code: "unknown_master_key" },
      });
    });
  });
}

function describeRewrap({ open, close, place }: Context): void {
  const keysInUse = async () => {
    const rows = await place().execute("SELECT body FROM events UNION ALL SELECT body FROM renditions");
    return new Set(rows.map((row) => keyIdOf(row["body"] as Uint8Array)));
  };

  describe("rewrap", () => {
    it("seals everything under the first key, and says which ones nobody needs any more", async () => {
      const filled = await fill(await open(K1));
      const store = await open(K2, K1);
      const { sealed, ...rest } = await rewrapAll(store);
      expect(rest).toMatchObject({ unreadable: 0, forgotten: ["k1"], inUse: [] });
      // Two endpoints, three events with their digests, renditions, keys, and two answers.
      expect(sealed).toBe(2 + 3 * 4 + 2);
      expect(await rewrapAll(store)).toMatchObject({ sealed: 0, forgotten: [] });
      await close(store);
      await expectReadable(await open(K2), filled);
      await expect(open(K1)).rejects.toMatchObject({ code: "unknown_master_key" });
    });

    it("goes on from the beginning where it was ended", async () => {
      const filled = await fill(await open(K1), 8);
      let after: string | undefined;
      for (let call = 0; call < 7; call += 1) {
        const store = await open(K2, K1);
        ({ after } = await store.rewrap({ limit: 2, after }));
        await close(store);
      }
      expect(await keysInUse()).toEqual(new Set(["k1", "k2"]));
      await expectReadable(await open(K2, K1), filled);
      expect(await rewrapAll(await open(K2, K1))).toMatchObject({ forgotten: ["k1"] });
      await expectReadable(await open(K2), filled);
    });

    it("leaves nothing behind while others publish, change and deliver under the old key first", async () => {
      const old = await open(K1, K2);
      const filled = await fill(old, 6);
      const { eventOf, lease, take } = filled.bundle;
      const fresh = await open(K2, K1);
      const published: string[] = [];
      const settled: string[] = [];
      const { forgotten, inUse } = await rewrapAll(fresh, async () => {
        const event = eventOf({ idempotency: { key: `n ${published.length}`, digest: "d" } });
        await old.publish([event], T0);
        published.push(event.id);
        const endpoint = await old.getEndpoint(filled.endpoint.id);
        if (endpoint !== undefined)
          await old.changeEndpoint({ ...endpoint, description: event.id, revision: endpoint.revision + 1 });
        const { owned } = await lease("w3");
        const { deliveries, id } = await take("w3", owned, { room: 3 });
        expect(deliveries.every(({ fault }) => fault === undefined)).toBe(true);
        const settlements = deliveries.map((delivery) => answered(delivery, { state: "delivered" }));
        await old.settle({ settlements, health: [], finishedBatches: [id], nowMs: T0 });
        settled.push(...deliveries.map((delivery) => delivery.id));
      });
      expect({ forgotten, inUse }).toEqual({ forgotten: ["k1"], inUse: [] });
      expect(await keysInUse()).toEqual(new Set(["k2"]));
      const only = await open(K2);
      for (const id of [...filled.ids, ...published]) expect(await only.getEvent(id)).toBeDefined();
      expect(settled.length).toBeGreaterThan(10);
      for (const id of settled)
        expect((await only.listAttempts(id)).at(-1)?.response).toContain(MARKERS.response);
      expect(await only.getEndpoint(filled.endpoint.id)).toMatchObject({ description: published.at(-1) });
    });

    it("does not forget a key that somebody was started with as the first", async () => {
      await fill(await open(K1));
      const fresh = await open(K2, K1);
      let isStarted = false;
      const rewrapped = await rewrapAll(fresh, async () => {
        if (!isStarted) await open(K1, K2);
        isStarted = true;
      });
      expect(rewrapped).toMatchObject({ forgotten: [], inUse: ["k1"] });
    });

    it("needs a key", async () => {
      const store = await open();
      await expect(store.rewrap({ limit: 1 })).rejects.toMatchObject({ code: "invalid_master_key" });
    });
  });
}
