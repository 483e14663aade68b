import { flagsOf, isShown, stripMembers, type Flags } from "./core/feature-flags.ts";
import type { EventRecord } from "./core/model.ts";
import type { Preferences } from "./core/preferences.ts";
import { majorOf, newestOf } from "./core/versions.ts";
import { schemaOf, type Contracts } from "./contracts.ts";
import { splitEnvelope, type EnvelopeHead, type SplitEnvelope } from "./render/envelope.ts";
import { marksSensitive, quietly } from "./render/quietly.ts";
import { createWithinDeadline } from "./render/within-deadline.ts";

/** An event as it was published and found valid. */
export interface RenderInput {
  readonly head: EnvelopeHead;
  readonly dataJson: string;
}

/** What goes out to endpoints of some preferences. */
export type Rendition =
  /** The event as it was published. */
  | { readonly kind: "own" }
  /** Another version, or the same one without what is kept behind feature flags. `key` names it among the event's. */
  | {
      readonly kind: "other";
      readonly key: string;
      readonly version: string;
      readonly envelope: SplitEnvelope;
    }
  /** Nothing: the event itself is kept behind a feature flag. */
  | { readonly kind: "withheld" }
  | { readonly kind: "failed"; readonly reason: RenderFailure; readonly error: unknown };

/**
 * `version_unavailable`: the contracts do not have that major, or no migration leads there. `migration_failed`: a
 * migration threw, gave what JSON cannot say or too much of it, did not end in time, or was not tried because it had not
 * ended just before. `rendition_invalid`: what came out does not fit the contract of the version.
 */
export type RenderFailure = "version_unavailable" | "migration_failed" | "rendition_invalid";

/** Renders one event for whoever asks; the same rendition is made once. Pure, and never throws. */
export interface RenderEvent {
  (preferences: Preferences): Rendition;
  /** Whether endpoints of these preferences get the event as it was published, without rendering it. Absent: unknown. */
  readonly isOwn?: (preferences: Preferences) => boolean;
}

export interface RenderOptions {
  readonly contracts: Contracts;
  /** Event type to the major that endpoints without a pin get. */
  readonly introduced: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Migrations are quick; one that takes so long twice, even on a busy machine, hangs, and the publisher with it. */
const DEADLINE_MS = 500;
/** A publisher that hangs on a migration hangs for a tenth of the time at most. */
const REST_MS = 10_000;
/** Twice what may be published: an older version may say the same at greater length. */
const MAX_DATA_CHARACTERS = 512 * 1_024;

const OWN = { kind: "own" } as const;

/**
 * The only way from an event to the bytes that are signed: migrated to the major that is wanted, stripped of what is kept
 * behind feature flags, and valid by the closed contract of exactly that version.
 */
export function createRender(options: RenderOptions): (event: RenderInput) => RenderEvent {
  const { contracts, introduced, now } = options;
  const withinDeadline = createWithinDeadline({ deadlineMs: DEADLINE_MS, restMs: REST_MS, now });
  const lookUp = createSchemas(contracts);
  const render = (event: RenderInput, target: Target): Rendition => {
    const { type, version: published } = event.head;
    try {
      return withinDeadline([type, published, target.version].join(), () =>
        renderOther(event, { ...target, contracts }),
      );
    } catch (error) {
      return { kind: "failed", reason: "migration_failed", error };
    }
  };
  const choose = ({ type, version: published }: EnvelopeHead, preferences: Preferences): Choice => {
    const pin = preferences.versions[type] ?? introduced[type] ?? majorOf(published);
    const version = pin === majorOf(published) ? published : newestOf(versionsOf(contracts, type), pin);
    if (version === undefined) return unavailable(`There is no version ${pin} of ${type}`);
    const { schema, flags, ...wanted } = lookUp(type, version);
    if (version === published && flags.event.length + flags.members.length === 0) return OWN;
    const all = new Set(preferences.featureFlags);
    if (!isShown(flags.event, all)) return { kind: "withheld" };
    if (version === published && isShown(flags.members, all)) return OWN;
    const held = flags.members.filter((flag) => all.has(flag));
    const isSensitive = wanted.isSensitive || lookUp(type, published).isSensitive;
    return { kind: "target", version, schema, held, isSensitive };
  };
  return (event) => {
    let made: Map<string, Rendition> | undefined;
    const renderEvent: RenderEvent = (preferences) => {
      const chosen = choose(event.head, preferences);
      if (chosen.kind !== "target") return chosen;
      const key = keyOf(chosen);
      made ??= new Map();
      const rendition = made.get(key) ?? render(event, chosen);
      made.set(key, rendition);
      return rendition;
    };
    return Object.assign(renderEvent, {
      isOwn: (preferences: Preferences) => choose(event.head, preferences) === OWN,
    });
  };
}

/** What it comes to without making anything, or what is to be made. */
type Choice = Exclude<Rendition, { readonly kind: "other" }> | (Target & { readonly kind: "target" });

interface Target {
  readonly version: string;
  readonly schema: unknown;
  /** Of the feature flags that the contract names, those the endpoint has. */
  readonly held: readonly string[];
  /** Whether what is migrated, or what it becomes, has members that must not be shown. */
  readonly isSensitive: boolean;
}

function renderOther(
  { head, dataJson }: RenderInput,
  { version, schema, held, isSensitive, contracts }: Target & Pick<RenderOptions, "contracts">,
): Rendition {
  const { type } = head;
  const migrated = quietly(isSensitive, () => {
    const result = contracts.migrate({
      type,
      data: JSON.parse(dataJson),
      from: Number(majorOf(head.version)),
      to: Number(majorOf(version)),
    });
    return result.ok ? ({ ok: true, json: JSON.stringify(result.data) } as const) : result;
  });
  if (!migrated.ok) return unavailable(`No migration leads from ${type} ${head.version} to ${version}`);
  const { json } = migrated;
  if (json.length > MAX_DATA_CHARACTERS) {
    const error = new RangeError(`The data grew beyond ${MAX_DATA_CHARACTERS} characters`);
    return { kind: "failed", reason: "migration_failed", error };
  }
  // Parsed again: what is validated is what is written, whatever objects the migration made.
  const data = stripMembers(JSON.parse(json), schema, new Set(held));
  const validation = contracts.validateEvent({ type, version, data });
  if (!validation.ok || validation.version !== version) {
    const issues = validation.ok ? [] : validation.issues;
    const faults = issues.map(({ pointer, code }) => `${pointer} ${code}`).join(", ");
    const error = new TypeError(`Not valid by ${type} ${version}: ${faults}`);
    return { kind: "failed", reason: "rendition_invalid", error };
  }
  const key = keyOf({ version, held });
  return { kind: "other", key, version, envelope: splitEnvelope({ ...head, version }, JSON.stringify(data)) };
}

function keyOf({ version, held }: Pick<Target, "version" | "held">): string {
  return [version, ...held].join("+");
}

function unavailable(message: string): Extract<Rendition, { readonly kind: "failed" }> {
  return { kind: "failed", reason: "version_unavailable", error: new RangeError(message) };
}

function versionsOf({ eventTypes }: Contracts, type: string): readonly string[] {
  return eventTypes[type]?.versions ?? [];
}

interface VersionSchema {
  readonly schema: unknown;
  readonly flags: Flags;
  readonly isSensitive: boolean;
}

/** The schemas of versions with what they say of themselves, looked for once. */
function createSchemas({ eventTypes }: Contracts): (type: string, version: string) => VersionSchema {
  const known = new Map<string, Map<string, VersionSchema>>();
  return (type, version) => {
    const ofType = known.get(type) ?? new Map<string, VersionSchema>();
    known.set(type, ofType);
    const found = ofType.get(version);
    if (found !== undefined) return found;
    const info = eventTypes[type];
    const schema = info === undefined ? undefined : schemaOf(info, version);
    const made = { schema, flags: flagsOf(schema), isSensitive: marksSensitive(schema) };
    ofType.set(version, made);
    return made;
  };
}

/** Renders an event from the record of it, as a store keeps it. */
export function inputOf({ body }: Pick<EventRecord, "body">): RenderInput {
  // The record's body is an envelope that was rendered here before.
  const envelope = JSON.parse(new TextDecoder().decode(body)) as EnvelopeHead & Envelope;
  const { data, sequence: _, ...head } = envelope;
  return { head, dataJson: JSON.stringify(data) };
}

interface Envelope {
  readonly sequence?: number;
  readonly data: unknown;
}
