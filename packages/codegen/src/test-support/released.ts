import type { Json } from "../json.ts";
import { planRelease } from "../release/plan-release.ts";
import type { Sources } from "../sources.ts";
import { sourcesWith } from "./sources.ts";

/** The faultless folder, with changes, after a release of everything in it. */
export function releasedWith(changes: Parameters<typeof sourcesWith>[0] = {}): Sources {
  return released(sourcesWith(changes));
}

/** A folder after a release. */
export function released(sources: Sources, now = new Date("2026-03-01T10:00:00Z")): Sources {
  const plan = planRelease({ sources, now });
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
  return new Map([...sources, ...plan.files]);
}

/** A folder with files changed, added, or (`undefined`) taken away. */
export function changed(
  sources: Sources,
  changes: Readonly<Record<string, Json | string | undefined>>,
): Sources {
  const files = new Map(sources);
  for (const [file, content] of Object.entries(changes)) {
    if (content === undefined) files.delete(file);
    else files.set(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return files;
}
