import { setTimeout as pause } from "node:timers/promises";
import { createTemporaryFolder } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { type RelayTarget, relayTargets } from "./test-support/relay-target.ts";
import { accept, expectArrived, type RelayWay, startRelay, untilLeft } from "./test-support/relay-way.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 240_000 });
/** How many events come before each kill. */
const together = 200;

const folder = createTemporaryFolder("hooks-relay-target-kill");
afterAll(() => folder.remove());

/** Kills, and starts again, while there is much to deliver; in the end all of it has arrived. */
async function survive(way: RelayWay, kills: number, killAndStart: () => Promise<void>): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    await accept(way, (kill - 1) * together, kill * together);
    await untilLeft(way, together * 0.75);
    // It has just settled something; each time a little later it is somewhere else between claiming and settling.
    await pause(5 * kill);
    await killAndStart();
  }
  await untilLeft(way, 0);
  await expectArrived(way, { total: kills * together, kills });
  await way.inbox.close();
}

for (const { kind, server, start } of relayTargets) {
  const describeTarget = server === undefined ? describe : describeWithServer.bind(undefined, server);
  describeTarget(`a relay that delivers to ${kind}`, () => {
    let target: RelayTarget;
    beforeAll(async () => {
      target = await start();
    });
    afterAll(() => target.stop());

    const openWay = (source: string): RelayWay => {
      const path = `${folder.path}/${kind}-${source}.db`;
      return {
        inbox: createSqliteInbox({ path, patienceMs: 60_000 }),
        inboxUrl: path,
        source,
        targets: [target],
      };
    };

    it("loses nothing when it is killed amid that, and repeats at most what was in flight", async () => {
      const way = openWay("relay-killed");
      let relay = await startRelay(way);
      await survive(way, 3, async () => {
        relay.signal("SIGKILL");
        await relay.exited;
        relay = await startRelay(way);
      });
    });

    it("loses nothing when the other side is killed, and repeats at most what was in flight", async () => {
      const way = openWay("target-killed");
      await startRelay(way);
      await survive(way, 2, target.restart);
    });
  });
}
