import { pointerTo } from "../../json.ts";
import type { Finding } from "../visit.ts";
import type { Generated } from "./generate.ts";
import type { Trial } from "./trial.ts";

/** Whether a payload was refused for what a finding is about, and not for another change it meets as well. */
export function isAbout(trial: Trial, { reached = "", around }: Generated, { absent }: Finding): boolean {
  if (typeof trial === "string") return false;
  const { at, missing } = trial;
  if (around !== undefined && isWithin(at, around)) return true;
  const member = absent === undefined ? reached : pointerTo(reached, absent);
  const isOwn = absent === undefined || reached.endsWith(pointerTo("", absent));
  if (missing === undefined) return isOwn ? areRelated(at, reached) : areRelated(at, member);
  if (missing === absent) return areRelated(at, reached);
  return isOwn && areRelated(pointerTo(at, missing), reached);
}

function areRelated(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
