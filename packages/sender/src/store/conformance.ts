import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../store.ts";
import { createBundle } from "./conformance/bundle.ts";
import { describeCrashes } from "./conformance/crashes.ts";
import { describeDeadLetters } from "./conformance/dead-letters.ts";
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
import { describeServe } from "./conformance/serve.ts";
import { describeSettle } from "./conformance/settle.ts";
import { describeTake } from "./conformance/take.ts";
import { describeTexts } from "./conformance/texts.ts";

export { describeVault, type KeptPlace } from "./conformance/vault.ts";

/** Opens a store with nothing in it; the suite closes it. */
export type OpenStore = () => Promise<Store>;

export interface DescribeStoreOptions {
  /** Whether what is published is taken with its commit where it may be: see `serve`. Default true. */
  readonly takesAlong?: boolean;
}

/**
 * What every store must do, with time as an argument and without sleeping. A store's test file is one call.
 * Uses vitest, an optional peer of the package.
 */
export function describeStore(
  name: string,
  open: OpenStore,
  { takesAlong = true }: DescribeStoreOptions = {},
): void {
  describe(name, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());
    const bundle = createBundle(() => store);
    describePublish(bundle);
    describeLease(bundle);
    describeTake(bundle);
    describeServe(bundle, takesAlong);
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
