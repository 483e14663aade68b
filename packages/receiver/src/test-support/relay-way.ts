import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { type Child, startChild, until } from "@hooks/testkit";
import { expect, onTestFinished } from "vitest";
import { event } from "../inbox/conformance/given.ts";
import type { Inbox } from "../inbox.ts";
import type { RelayProcess } from "./relay-process.ts";
import type { RelayTarget } from "./relay-target.ts";

/** The way of a source's events from an inbox to targets, which relays in processes of their own take them. */
export interface RelayWay {
  readonly inbox: Inbox;
  /** Where processes find the inbox: a Redis URL, or the path of a SQLite file. */
  readonly inboxUrl: string;
  readonly source: string;
  readonly targets: readonly RelayTarget[];
}

/** What a relay has in flight to each target. */
const concurrency = 16;
const script = fileURLToPath(new URL("relay-process.ts", import.meta.url));

/** Starts a process that is killed when the test ends; fails the test when it has ended by itself. */
export async function startRelay({ inboxUrl, source, targets }: RelayWay): Promise<Child> {
  const addresses = targets.map(({ kind, url, place }) => ({ kind, url, place }));
  const told: RelayProcess = { inbox: inboxUrl, source, targets: addresses, concurrency };
  const child = await startChild(execPath, [script, JSON.stringify(told)]);
  onTestFinished(async () => {
    child.signal("SIGKILL");
    const { signal } = await child.exited;
    if (signal === null) throw new Error(`A relay ended: ${child.output()}`);
  });
  return child;
}

/** Accepts the events from one number up to another. */
export async function accept({ inbox, source, targets }: RelayWay, from: number, to: number): Promise<void> {
  const destinations = targets.map(({ kind }) => kind);
  const ids = Array.from({ length: to - from }, (_, index) => `e${from + index}`);
  await Promise.all(
    ids.map((eventId) => inbox.accept(event({ source, eventId, destinations, headers: {} }))),
  );
}

/** Waits until no more than so many have yet to be confirmed by every target. */
export async function untilLeft({ inbox, source }: RelayWay, count: number): Promise<void> {
  const isSo = async () => (await inbox.depth(source)).waiting <= count;
  await until(isSo, { timeoutMs: 120_000, everyMs: 2, what: `an inbox with ${count}` });
}

/** Every one of so many events is at every target, and twice at most what a relay can have had in flight at the kills. */
export async function expectArrived(
  { inbox, source, targets }: RelayWay,
  { total, kills }: { readonly total: number; readonly kills: number },
): Promise<void> {
  for (const { kind, deduplicates, arrivals } of targets) {
    const arrived = await arrivals(source);
    expect([kind, new Set(arrived).size]).toEqual([kind, total]);
    expect(arrived.length - total, kind).toBeLessThanOrEqual(deduplicates ? 0 : kills * concurrency);
  }
  expect(await inbox.depth(source)).toEqual({ waiting: 0, dead: 0 });
}
