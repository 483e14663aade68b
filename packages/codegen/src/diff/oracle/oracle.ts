import type { Json, JsonObject } from "../../json.ts";
import { verdictOf } from "../verdict-of.ts";
import { directions, type Direction, type Finding } from "../visit.ts";
import { isAbout } from "./about.ts";
import type { Generated } from "./generate.ts";
import { anyPayloads, payloadsFor } from "./payloads.ts";
import { courtOf, type Court } from "./trial.ts";

/** A finding, and for each direction that it breaks a payload that shows it, where one was found. */
export interface Judged {
  readonly finding: Finding;
  readonly shown: ReadonlyMap<Direction, Json>;
}

/** Payloads tried at most for a harmless change, and without regard to any change. */
const [harmlessTries, anyTries] = [30, 20];

/** Values made at most, in all payloads of a direction: to prove breaks, and to doubt that there are none. */
const [maxEffort, maxDoubt] = [400_000, 12_000];

/**
 * Tries real payloads on real validators. A break gets a payload as its proof where one is found. A direction in
 * which nothing breaks is tried with payloads of all sorts, and one that is refused overrules the verdict.
 */
export function judge(
  findings: readonly Finding[],
  roots: { readonly older: JsonObject; readonly newer: JsonObject },
): readonly Judged[] {
  const shown = new Map(findings.map((finding) => [finding, new Map<Direction, Json>()]));
  const overruling: Judged[] = [];
  for (const direction of directions) {
    const court = courtOf(direction, roots);
    if (court === undefined) continue;
    const breaking = findings.filter((finding) => verdictOf(finding, direction) === "breaking");
    const effort = { left: breaking.length > 0 ? maxEffort : maxDoubt };
    for (const finding of breaking) {
      const payload = prove(finding, direction, { ...court, effort });
      if (payload !== undefined) shown.get(finding)?.set(direction, payload);
    }
    const refused = breaking.length > 0 ? undefined : refusedOf(findings, direction, { ...court, effort });
    if (refused !== undefined) overruling.push(overrule(direction, refused));
  }
  return [...[...shown].map(([finding, shown]) => ({ finding, shown })), ...overruling];
}

interface Bounded extends Court {
  readonly effort: { left: number };
}

/** Looks for a payload that is refused for what a finding is about. */
function prove(finding: Finding, direction: Direction, court: Bounded): Json | undefined {
  for (const generated of within(court, payloadsFor(finding, direction, court)))
    if (isAbout(court.try(generated.value), generated, finding)) return generated.value;
  return undefined;
}

/** Looks for any payload that is refused. */
function refusedOf(findings: readonly Finding[], direction: Direction, court: Bounded): Json | undefined {
  const isRefused = ({ value }: Generated) => typeof court.try(value) === "object";
  const any = within(court, anyPayloads(court.writer, anyTries));
  for (const generated of any) if (isRefused(generated)) return generated.value;
  for (const finding of findings) {
    let tries = 0;
    for (const generated of within(court, payloadsFor(finding, direction, court))) {
      if (isRefused(generated)) return generated.value;
      if (++tries >= harmlessTries) break;
    }
  }
  return undefined;
}

/** Payloads as long as there is effort left. */
function* within({ effort }: Bounded, payloads: Iterable<Generated>): Iterable<Generated> {
  if (effort.left <= 0) return;
  for (const generated of payloads) {
    effort.left -= generated.effort;
    yield generated;
    if (effort.left <= 0) return;
  }
}

function overrule(direction: Direction, payload: Json): Judged {
  const verdicts = { subscriber: "ok", replay: "ok", [direction]: "breaking" } as const;
  const finding: Finding = { rule: "COUNTEREXAMPLE", site: { older: "", newer: "" }, verdicts };
  return { finding, shown: new Map([[direction, payload]]) };
}
