import { createHash } from "node:crypto";
import { majorOf } from "./core/versions.ts";
import type { Endpoint } from "./core/model.ts";
import type { Contracts } from "./contracts.ts";
import { deprecatedVersions, type DeprecatedVersion } from "./deprecations.ts";
import { SenderError } from "./errors.ts";
import type { EventInput } from "./publish.ts";
import type { Report } from "./report.ts";
import type { Page, Store } from "./store.ts";
import type { Versions } from "./versions.ts";

/** The operational event that tells of a deprecation; contracts without it announce nothing. */
const TYPE = "contract.deprecated";
const PAGE = 500;
const RETRY_MS = 60_000;

export interface AnnouncerOptions {
  readonly contracts: Contracts;
  readonly store: Pick<Store, "listEndpoints">;
  readonly versions: Pick<Versions, "complete">;
  readonly publish: (event: EventInput) => Promise<unknown>;
  readonly report: Report;
}

/** Tells subscribers which contract versions that they receive are deprecated. */
export interface Announcer {
  /**
   * Publishes `contract.deprecated` once for each deprecated version and subscriber that receives it: the event's id is
   * made of both, so that neither a restart nor another process publishes it again. What fails is reported and tried again
   * in a minute; never rejects.
   */
  start(): Promise<void>;
  stop(): void;
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { contracts, report } = options;
  const deprecated = Object.hasOwn(contracts.eventTypes, TYPE) ? deprecatedVersions(contracts) : [];
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const start = async (): Promise<void> => {
    try {
      for await (const announcement of announcements(deprecated, options)) {
        if (isStopped) return;
        await publishOnce(announcement, options);
      }
    } catch (error) {
      if (isStopped) return;
      report({ kind: "fault", error });
      timer = setTimeout(() => void start(), RETRY_MS).unref();
    }
  };
  return {
    start,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** An event for every pair of a deprecated version and a subscriber that receives it. */
async function* announcements(
  deprecated: readonly DeprecatedVersion[],
  { store, versions }: AnnouncerOptions,
): AsyncGenerator<EventInput> {
  if (deprecated.length === 0) return;
  const told = new Set<string>();
  for await (const endpoint of endpointsOf(store)) {
    const whole = await versions.complete(endpoint);
    for (const one of deprecated.filter(({ type, version }) => whole.versions[type] === majorOf(version))) {
      const announcement = announcementOf(one, endpoint.subscriber);
      if (told.has(announcement.id)) continue;
      told.add(announcement.id);
      yield announcement;
    }
  }
}

async function* endpointsOf(store: AnnouncerOptions["store"]): AsyncGenerator<Endpoint> {
  let page: Page | undefined = { limit: PAGE };
  while (page !== undefined) {
    const endpoints: readonly Endpoint[] = await store.listEndpoints(page);
    yield* endpoints;
    const last = endpoints.at(-1);
    page = last === undefined || endpoints.length < PAGE ? undefined : { limit: PAGE, after: last.id };
  }
}

function announcementOf({ type, version, deprecation }: DeprecatedVersion, subscriber: string) {
  const { effectiveMs, removalMs, alternative, documentation } = deprecation;
  const effective = new Date(effectiveMs).toISOString();
  const name = createHash("sha256").update(JSON.stringify([type, version, effective, subscriber]));
  return {
    id: `evt_contract_deprecated_${name.digest("hex").slice(0, 32)}`,
    type: TYPE,
    subscriber,
    data: {
      object: {
        event_type: type,
        version,
        effective,
        removal: removalMs === undefined ? null : new Date(removalMs).toISOString(),
        alternative: alternative ?? null,
        ...(documentation === undefined ? {} : { documentation }),
      },
    },
  };
}

/** Publishes what has not been published. What the contracts changed about it since stays untold. */
async function publishOnce(event: EventInput, { publish, report }: AnnouncerOptions): Promise<void> {
  try {
    await publish(event);
  } catch (error) {
    if (!(error instanceof SenderError)) throw error;
    // Refused once, it would be refused again; whoever wrote the contracts has to know.
    if (error.code !== "event_id_conflict") report({ kind: "fault", error });
  }
}
