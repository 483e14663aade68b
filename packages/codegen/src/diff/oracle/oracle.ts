import type { Json, JsonObject } from "../../json.ts";
import { verdictOf } from "../verdict-of.ts";
import { directions, type Direction, type Finding } from "../visit.ts";
import { isAbout } from "./about.ts";
import { anyPayloads, payloadsFor } from "./payloads.ts";
import { courtOf, type Court } from "./trial.ts";

/** A finding, and for each direction that it breaks a payload that shows it, where one was found. */
export interface Judged {
  readonly finding: Finding;
  readonly shown: ReadonlyMap<Direction, Json>;
}

/** Payloads tried at most: for a direction all told, for a harmless change, and without regard to any change. */
const [maxTries, harmlessTries, anyTries] = [20_000, 30, 60];

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
    let triesLeft = maxTries;
    for (const finding of breaking) {
      const proof = prove(finding, direction, { ...court, limit: triesLeft });
      triesLeft -= proof.tries;
      if (proof.payload !== undefined) shown.get(finding)?.set(direction, proof.payload);
    }
    const refused = breaking.length > 0 ? undefined : refusedOf(findings, direction, court);
    if (refused !== undefined) overruling.push(overrule(direction, refused));
  }
  return [...[...shown].map(([finding, shown]) => ({ finding, shown })), ...overruling];
}

/** Looks for a payload that is refused for what a finding is about. */
function prove(
  finding: Finding,
  direction: Direction,
  court: Court & { readonly limit: number },
): { readonly tries: number; readonly payload?: Json } {
  let tries = 0;
  for (const generated of payloadsFor(finding, direction, court.writer)) {
    if (tries >= court.limit) break;
    tries += 1;
    if (isAbout(court.try(generated.value), generated, finding)) return { tries, payload: generated.value };
  }
  return { tries };
}

/** Looks for any payload that is refused. */
function refusedOf(findings: readonly Finding[], direction: Direction, court: Court): Json | undefined {
  const isRefused = (payload: Json) => typeof court.try(payload) === "object";
  for (const { value } of anyPayloads(court.writer, anyTries)) if (isRefused(value)) return value;
  for (const finding of findings.slice(0, maxTries / harmlessTries)) {
    let tries = 0;
    for (const { value } of payloadsFor(finding, direction, court.writer)) {
      if (tries >= harmlessTries) break;
      tries += 1;
      if (isRefused(value)) return value;
    }
  }
  return undefined;
}

function overrule(direction: Direction, payload: Json): Judged {
  const verdicts = { subscriber: "ok", replay: "ok", [direction]: "breaking" } as const;
  const finding: Finding = { rule: "COUNTEREXAMPLE", site: { older: "", newer: "" }, verdicts };
  return { finding, shown: new Map([[direction, payload]]) };
}
