import { inspect } from "node:util";
import { contracts as real } from "@hooks/contracts/producer";
import { describe, expect, it } from "vitest";
import { NO_PREFERENCES, type Preferences } from "./core/preferences.ts";
import { majorOf, majorsOf } from "./core/versions.ts";
import type { Contracts } from "./contracts.ts";
import { createRender, type Rendition } from "./render.ts";
import { bodyOf } from "./render/envelope.ts";
import { contractsOf } from "./test-support/contracts.ts";

const head = {
  id: "evt_1",
  type: "a.b",
  version: "2.0.0",
  timestamp: "2027-01-15T08:00:00.000Z",
  source: "s",
};

const now = () => 0;

/** The envelope that goes out, parsed. */
function sentOf(rendition: Rendition) {
  if (rendition.kind !== "other") throw new Error(`It is ${rendition.kind}`);
  return JSON.parse(Buffer.from(bodyOf(rendition.envelope, 7)).toString());
}

describe("createRender", () => {
  const versions = Object.values(real.eventTypes).flatMap(({ type, versions: all, latest, examples }) =>
    majorsOf(all).map((major) => ({ type, major, latest, all, examples })),
  );

  it.each(versions)(
    "makes every example of $type what $major promises",
    ({ type, major, latest, all, examples }) => {
      expect(examples.length).toBeGreaterThan(0);
      const render = createRender({ contracts: real, introduced: {}, now });
      for (const data of examples) {
        const preferences = { versions: { [type]: major }, featureFlags: [] };
        const rendition = render({
          head: { ...head, type, version: latest },
          dataJson: JSON.stringify(data),
        })(preferences);
        if (major === majorOf(latest)) {
          expect(rendition).toEqual({ kind: "own" });
          continue;
        }
        const sent = sentOf(rendition);
        expect(majorOf(sent.version)).toBe(major);
        expect(rendition).toMatchObject({ version: sent.version });
        expect(sent).toMatchObject({ id: "evt_1", type, sequence: 7, timestamp: head.timestamp });
        expect(real.validateEvent({ type, version: sent.version, data: sent.data })).toEqual({
          ok: true,
          version: all.findLast((version) => majorOf(version) === major),
        });
      }
    },
  );
});

type Migrate = (data: { object: { id: string } }) => unknown;

const flagged = {
  $defs: {
    beta_shape: { type: "object", "x-feature-flag": ["shapes"] },
    card: { type: "object", properties: { kind: { const: "card" }, secret: { "x-feature-flag": ["beta"] } } },
    bank: { type: "object", properties: { kind: { enum: ["bank"] }, secret: { type: "string" } } },
  },
  properties: {
    object: {
      properties: {
        id: { type: "string" },
        lines: { type: "array", "x-feature-flag": ["beta"] },
        both: { "x-feature-flag": ["beta", "shapes"] },
        shape: { $ref: "#/$defs/beta_shape" },
        list: { items: { properties: { inner: { "x-feature-flag": ["beta"] } } } },
        paid_with: {
          oneOf: [{ $ref: "#/$defs/card" }, { $ref: "#/$defs/bank" }],
          discriminator: { propertyName: "kind" },
        },
        table: { additionalProperties: { properties: { inner: { "x-feature-flag": ["beta"] } } } },
      },
    },
  },
  default: { "x-feature-flag": ["not a flag: this is data"] },
};

interface Given {
  readonly schema?: object;
  readonly older?: object;
  readonly migrate?: Migrate;
}

/** Contracts of one type with the majors 1 and 2. */
function twoMajors({ schema = {}, older = {}, migrate = (data) => data }: Given = {}): Contracts {
  return contractsOf({ "a.b": { versions: { "1.0.0": {}, "1.1.0": older, "2.0.0": schema }, migrate } });
}

function recurse(value: unknown): unknown {
  return [recurse(value)];
}

/** Changes what it was given. */
function spoil(value: { object: { id: string } }): unknown {
  const { id } = value.object;
  value.object.id = "changed";
  return { object: { id } };
}

/** Throws what it was given. */
function quote({ object }: { object: { id: string } }): never {
  throw Object.assign(new Error(`Bad id ${object.id}\n    at ${object.id}`), { object });
}

const withFlags = (...featureFlags: string[]) => ({ versions: {}, featureFlags });
const data = { object: { id: "a_1", note: "ü" } };
const pinned = { versions: { "a.b": "1" }, featureFlags: [] };
const render = (given: Given, preferences: Preferences, input: unknown = data) =>
  createRender({ contracts: twoMajors(given), introduced: { "a.b": "2" }, now })({
    head,
    dataJson: JSON.stringify(input),
  })(preferences);

describe("createRender, of versions", () => {
  it("gives an endpoint without a pin the major that the type was introduced with", () => {
    expect(render({}, NO_PREFERENCES)).toEqual({ kind: "own" });
    const introduced = createRender({ contracts: twoMajors(), introduced: { "a.b": "1" }, now });
    expect(introduced({ head, dataJson: JSON.stringify(data) })(NO_PREFERENCES)).toMatchObject({
      version: "1.1.0",
    });
  });

  it("converts upwards what was published in an older version", () => {
    const older = { head: { ...head, version: "1.1.0" }, dataJson: JSON.stringify(data) };
    const renderOlder = createRender({ contracts: twoMajors(), introduced: { "a.b": "2" }, now })(older);
    expect(sentOf(renderOlder(NO_PREFERENCES))).toMatchObject({ version: "2.0.0", data });
    expect(renderOlder(pinned)).toEqual({ kind: "own" });
  });

  it("renders once for all that want the same, whatever else they want of other types", () => {
    let calls = 0;
    const contracts = twoMajors({ migrate: (before) => ((calls += 1), before) });
    const event = createRender({ contracts, introduced: {}, now })({ head, dataJson: JSON.stringify(data) });
    const [first, second] = [pinned, { versions: { "a.b": "1", "c.d": "4" }, featureFlags: ["x"] }].map(
      event,
    );
    expect(first).toBe(second);
    expect(calls).toBe(1);
  });

  it("says that a major is not there, and that no migration leads to it", () => {
    expect(render({}, { versions: { "a.b": "9" }, featureFlags: [] })).toMatchObject({
      kind: "failed",
      reason: "version_unavailable",
    });
    const contracts: Contracts = { ...twoMajors(), migrate: () => ({ ok: false }) };
    const event = createRender({ contracts, introduced: {}, now })({ head, dataJson: "{}" });
    expect(event(pinned)).toMatchObject({ kind: "failed", reason: "version_unavailable" });
  });

  it.each<[string, string, Migrate]>([
    ["throws", "migration_failed", () => JSON.parse("{")],
    [
      "throws what is no error",
      "migration_failed",
      () => {
        // oxlint-disable-next-line no-throw-literal -- A hostile migration.
        throw null;
      },
    ],
    ["gives nothing", "migration_failed", () => undefined],
    ["gives a circle", "migration_failed", (value) => Object.assign(value, { value })],
    ["gives a bigint", "migration_failed", () => ({ object: { id: 1n } })],
    ["gives too much", "migration_failed", ({ object }) => ({ object, x: "x".repeat(600_000) })],
    ["gives what the contract does not know", "rendition_invalid", () => ({ object: {} })],
    ["gives a promise", "rendition_invalid", async (value) => value],
    [
      "gives an object that writes itself otherwise",
      "rendition_invalid",
      (value) => ({ ...value, toJSON: () => 1 }),
    ],
    [
      "goes on for ever",
      "migration_failed",
      () => {
        for (;;);
      },
    ],
    ["calls itself for ever", "migration_failed", recurse],
  ])("fails, and does no more than that, when a migration %s", (_, reason, migrate) => {
    expect(render({ migrate }, pinned)).toMatchObject({ kind: "failed", reason });
    expect(render({ migrate }, NO_PREFERENCES)).toEqual({ kind: "own" });
  });

  it("does not repeat what a migration throws of sensitive data, but where it was", () => {
    const schema = { properties: { object: { properties: { id: { "x-sensitive": "pii" } } } } };
    for (const given of [{ schema }, { older: schema }]) {
      const shown = inspect(render({ ...given, migrate: quote }, pinned));
      expect(shown).toContain("render.test");
      expect(shown).not.toContain("a_1");
    }
    expect(inspect(render({ migrate: quote }, pinned))).toContain("Bad id a_1");
  });

  it("does not try a migration again for a while that did not end, and others meanwhile", () => {
    let calls = 0;
    let nowMs = 1;
    const migrate: Migrate = () => {
      for (calls += 1; ;);
    };
    const contracts = contractsOf({
      "a.b": { versions: { "1.0.0": {}, "2.0.0": {}, "3.0.0": {} }, migrate },
      "c.d": { versions: { "1.0.0": {}, "2.0.0": {} } },
    });
    const renderAt = createRender({ contracts, introduced: {}, now: () => nowMs });
    const publish = (type: string, major: string) =>
      renderAt({ head: { ...head, type }, dataJson: JSON.stringify(data) })({
        versions: { [type]: major },
        featureFlags: [],
      });
    for (let count = 0; count < 100; count += 1)
      expect(publish("a.b", "1")).toMatchObject({ kind: "failed", reason: "migration_failed" });
    // Twice, for it may have been the process that stood still.
    expect(calls).toBe(2);
    expect(publish("c.d", "1")).toMatchObject({ kind: "other", version: "1.0.0" });
    nowMs += 10_000;
    publish("a.b", "1");
    expect(calls).toBe(4);
  });

  it("makes what was ended once, as where the process stood still, and lets nothing rest for that", () => {
    let calls = 0;
    const migrate: Migrate = (value) => {
      calls += 1;
      if (calls === 1) for (;;);
      return value;
    };
    const renderOnce = createRender({ contracts: twoMajors({ migrate }), introduced: {}, now });
    for (let count = 0; count < 2; count += 1)
      expect(renderOnce({ head, dataJson: JSON.stringify(data) })(pinned)).toMatchObject({ kind: "other" });
    expect(calls).toBe(3);
  });

  it("gives every migration a value of its own", () => {
    const event = createRender({ contracts: twoMajors({ migrate: spoil }), introduced: {}, now })({
      head,
      dataJson: JSON.stringify(data),
    });
    for (const flag of ["x", "y"])
      expect(sentOf(event({ ...pinned, featureFlags: [flag] })).data).toEqual({ object: { id: "a_1" } });
  });
});

describe("createRender, of feature flags", () => {
  const whole = {
    object: {
      id: "a_1",
      lines: [1],
      both: 1,
      shape: {},
      list: [{ inner: 1, other: 2 }, { other: 3 }],
      paid_with: { kind: "card", secret: "s" },
      table: { a: { inner: 1 }, b: 2 },
    },
  };

  it("strips the members of flags that the endpoint has not", () => {
    expect(sentOf(render({ schema: flagged }, NO_PREFERENCES, whole)).data).toEqual({
      object: {
        id: "a_1",
        list: [{ other: 2 }, { other: 3 }],
        paid_with: { kind: "card" },
        table: { a: {}, b: 2 },
      },
    });
    expect(sentOf(render({ schema: flagged }, withFlags("beta"), whole)).data).toEqual({
      object: Object.fromEntries(
        Object.entries(whole.object).filter(([name]) => name !== "both" && name !== "shape"),
      ),
    });
  });

  it("sends the event as it is to who has all of them", () => {
    expect(render({ schema: flagged }, withFlags("beta", "shapes", "more"), whole)).toEqual({ kind: "own" });
  });

  it("strips only what the branch of a union keeps behind a flag", () => {
    const bank = { object: { id: "a_1", paid_with: { kind: "bank", secret: "s" } } };
    expect(sentOf(render({ schema: flagged }, NO_PREFERENCES, bank)).data).toEqual(bank);
  });

  it("withholds an event behind a flag, in the versions that say so", () => {
    const schema = { "x-feature-flag": ["beta", "more"] };
    expect(render({ schema }, NO_PREFERENCES)).toEqual({ kind: "withheld" });
    expect(render({ schema }, withFlags("beta"))).toEqual({ kind: "withheld" });
    expect(render({ schema }, withFlags("more", "beta"))).toEqual({ kind: "own" });
    expect(render({ schema }, pinned)).toMatchObject({ version: "1.1.0" });
    expect(render({ older: schema }, pinned)).toEqual({ kind: "withheld" });
  });

  it("fails when what is left does not fit the contract", () => {
    const schema = { properties: { object: { "x-feature-flag": ["beta"] } } };
    expect(render({ schema }, NO_PREFERENCES)).toMatchObject({ kind: "failed", reason: "rendition_invalid" });
  });

  it("leaves names alone that only look like the prototype's", () => {
    const schema = {
      properties: { object: { properties: { constructor: { "x-feature-flag": ["beta"] } } } },
    };
    const input = JSON.parse('{"object":{"id":"a_1","__proto__":{"x":1},"constructor":1}}');
    const sent = sentOf(render({ schema }, NO_PREFERENCES, input));
    expect(JSON.stringify(sent.data)).toBe('{"object":{"id":"a_1","__proto__":{"x":1}}}');
  });
});
