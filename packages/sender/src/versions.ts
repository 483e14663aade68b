import { flagsOf, isShown } from "./core/feature-flags.ts";
import { takes } from "./core/subscription.ts";
import type { Endpoint } from "./core/model.ts";
import { majorOf, majorsOf, newestOf } from "./core/versions.ts";
import { schemaOf, type ContractInfo, type Contracts } from "./contracts.ts";
import { createRender, type RenderEvent, type RenderInput } from "./render.ts";
import type { Store } from "./store.ts";

/** Event type to major, such as `{ "invoice.paid": "2" }`. */
export type Majors = Readonly<Record<string, string>>;

/**
 * Which major of a type an endpoint gets. An endpoint is pinned when it is made, to the newest majors of that time. Only
 * what differs from the major that a type was introduced with is kept with the endpoint, and the introductions are kept
 * once in the store: so a type that is added later has its newest of then for everybody, and stays there.
 */
export interface Versions {
  /** Renders events by what endpoints are pinned to. */
  render(): Promise<(event: RenderInput) => RenderEvent>;
  /** The pins of an endpoint that is made now. */
  pinsOfNew(featureFlags: readonly string[]): Promise<Majors>;
  /** The same endpoint with what it gets of every type that it takes. */
  complete(endpoint: Endpoint): Promise<Endpoint>;
}

export interface VersionsOptions {
  readonly contracts: Contracts;
  readonly store: Pick<Store, "introduce">;
  readonly now: () => number;
}

export function createVersions({ contracts, store, now }: VersionsOptions): Versions {
  const types = Object.values(contracts.eventTypes);
  const newest = (held: readonly string[]): Majors =>
    Object.fromEntries(types.map((info) => [info.type, newestMajor(info, new Set(held))]));
  const load = async () => {
    const introduced = await store.introduce(newest([]));
    return { introduced, render: createRender({ contracts, introduced, now }) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  const ready = () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  return {
    render: async () => (await ready()).render,
    async pinsOfNew(featureFlags) {
      const { introduced: before } = await ready();
      const pins = Object.entries(newest(featureFlags));
      return Object.fromEntries(pins.filter(([type, major]) => before[type] !== major));
    },
    async complete(endpoint) {
      const { introduced: before } = await ready();
      const taken = types.filter(({ type }) => takes(endpoint.eventTypes, type));
      const pins = taken.map(({ type, latest }) => [
        type,
        endpoint.versions[type] ?? before[type] ?? majorOf(latest),
      ]);
      return { ...endpoint, versions: Object.fromEntries(pins) as Majors };
    },
  };
}

/** The newest major that is not kept behind a feature flag, or the newest where all of them are. */
function newestMajor(info: ContractInfo, held: ReadonlySet<string>): string {
  const { latest, versions } = info;
  const isOpen = (major: string): boolean =>
    isShown(flagsOf(schemaOf(info, newestOf(versions, major) ?? latest)).event, held);
  return majorsOf(versions).find(isOpen) ?? majorOf(latest);
}
