import type { Death } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";
import { examples } from "./contract-events.ts";
import { introduce, invite } from "./introduction.ts";
import { createJourneys } from "./journey.ts";
import { hopOf } from "./log-line.ts";
import { sendBulk, showEach, type Stage, watch } from "./phases.ts";
import { createFactRecord } from "./record.ts";
import type { Screen } from "./screen.ts";
import { startStack } from "./stack.ts";

export interface DemoOptions {
  readonly screen: Screen;
  /** Gets everything that is started. */
  readonly cleanup: Cleanup;
  /** Whether to end after the summary. */
  readonly once: boolean;
  readonly onDeath: (death: Death) => void;
}

/** Runs the demo and tells whether everything arrived exactly once; without `once` it goes on for ever. */
export async function runDemo({ screen, cleanup, once, onDeath }: DemoOptions): Promise<boolean> {
  screen.title("Hooks: events by contract, from a publisher to a consumer");
  const record = createFactRecord(Date.now);
  const journeys = createJourneys(screen.journey, Date.now);
  let isWatching = false;
  const stack = await startStack(
    {
      onLine: (line) => {
        const step = hopOf(line);
        if (step !== undefined) journeys.reach(step.id, step.hop, step.atMs);
      },
      onEvent: ({ id, type, note }) => {
        const isOwn = journeys.handled(id, note);
        if (!isWatching) record.arrived("contract events", id);
        else if (!isOwn) screen.say(`${type} ${id} came from elsewhere; the consumer ${note}`);
      },
      onGithub: (id) => {
        if (!isWatching) record.arrived("GitHub payloads", id);
      },
      onRefused: record.unexpected,
      onDeath,
    },
    cleanup,
  );
  const stage: Stage = { stack, screen, record, journeys };
  introduce(screen, stack);
  screen.title(`Every example of every contract, once (${examples.length} events)`);
  screen.legend();
  await showEach(stage);
  screen.title("Real payloads of GitHub, some twice, some forged, and many more contract events");
  await sendBulk(stage);
  screen.title("What became of it");
  const verdict = record.verdict();
  screen.summary(verdict);
  if (once) return verdict.ok;
  isWatching = true;
  invite(screen, stack);
  return watch(stage);
}
