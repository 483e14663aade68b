import type { Problem } from "../problem.ts";
import type { Contract } from "../project.ts";
import { assess } from "./assess.ts";
import type { Exceptions } from "./exceptions.ts";

/**
 * Breaks of what the folder itself has released, by contracts that still state that major: no number would be right
 * for them. The check says the same, with the payload that shows it.
 */
export function unraisedBreaks(contract: Contract, exceptions: Exceptions): readonly Problem[] {
  return assess({ contract, known: [], exceptions, keepsReleases: false })
    .problems.filter(({ code }) => code === "breaking_change")
    .map(({ code, file, pointer, message }) => ({ code, file, pointer, message }));
}
