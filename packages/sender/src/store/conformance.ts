import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../store.ts";
import { createBundle } from "./conformance/bundle.ts";
import { describeCrashes } from "./conformance/crashes.ts";
import { describeDeadLetters } from "./conformance/dead-letters.ts";
import { describeFanOut } from "./conformance/fan-out.ts";
import { describeHealth } from "./conformance/health.ts";
import { describeLease } from "./conformance/lease.ts";
import { describeOrdering } from "./conformance/ordering.ts";
import { describePublish } from "./conformance/publish.ts";
import { describeRecords } from "./conformance/records.ts";
import { describeRegistry } from "./conformance/registry.ts";
import { describeRenditions } from "./conformance/renditions.ts";
import { describeReplays } from "./conformance/replays.ts";
import { describeReplayPace } from "./conformance/replay-pace.ts";
import { describeRetention } from "./conformance/retention.ts";
import { describeServe, describeTakingAlong as describeAlong } from "./conformance/serve.ts";
import { describeSettle } from "./conformance/settle.ts";
import { describeTake } from "./conformance/take.ts";
import { describeTexts } from "./conformance/texts.ts";

export { describeVault, type KeptPlace } from "./conformance/vault.ts";

/** Opens a store with nothing in it; the suite closes it. */
export type OpenStore = () => Promise<Store>;

/**
 * What every store must do, with time as an argument and without sleeping. A store's test file is one call.
 * Uses vitest, an optional peer of the package.
 */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    const bundle = openBundle(open);
    describePublish(bundle);
    describeFanOut(bundle);
    describeLease(bundle);
    describeTake(bundle);
    describeServe(bundle);
    describeSettle(bundle);
    describeHealth(bundle);
    describeOrdering(bundle);
    describeCrashes(bundle);
    describeRecords(bundle);
    describeDeadLetters(bundle);
    describeReplays(bundle);
    describeReplayPace(bundle);
    describeRegistry(bundle);
    describeRenditions(bundle);
    describeTexts(bundle);
    describeRetention(bundle);
  });
}

/** What is besides to be proved of a store that takes with its commit what is published where it may: see `Work.serve`. */
export function describeTakingAlong(name: string, open: OpenStore): void {
  describe(name, () => describeAlong(openBundle(open)));
}

/** A store for each test. */
function openBundle(open: OpenStore) {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());
  return createBundle(() => store);
}
