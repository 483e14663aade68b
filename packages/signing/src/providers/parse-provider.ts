import { createInterpreter, createVerification } from "./interpreter.ts";
import type { Provider } from "./provider.ts";
import { type JsonSchema, note, type RowProblem } from "./row-form.ts";
import { rowForm } from "./row-forms.ts";

/** A row is none. `problems` are all of them. */
export class ProviderRowError extends TypeError {
  override readonly name = "ProviderRowError";
  readonly code = "invalid_provider";
  readonly problems: readonly RowProblem[];

  constructor(problems: readonly RowProblem[]) {
    super(problems.map(({ pointer, message }) => `${pointer || "(row)"}: ${message}`).join(" "));
    this.problems = problems;
  }
}

/** A row as `parseProvider` takes it, as JSON Schema (2020-12). */
export const providerSchema: JsonSchema = rowForm.schema;

/**
 * Reads a row of one's own from untyped data, such as parsed YAML or JSON: a `Provider` without `handshakes`, in which
 * `name` defaults to the `id` and `event` to nothing. Header names may be in any case. Unknown members are refused, and
 * so is a row that could not protect a request.
 *
 * @throws ProviderRowError with every problem.
 */
export function parseProvider(given: unknown): Provider {
  const problems: RowProblem[] = [];
  const place = { pointer: "", problems };
  const row = rowForm.read(given, place);
  if (row !== undefined && problems.length === 0) {
    try {
      tryOut(row);
      return row;
    } catch (error) {
      const message = error instanceof TypeError ? error.message : "Expected a row that can be read.";
      problems.push({ pointer: "", message });
    }
  }
  if (problems.length === 0) note(place, "a row");
  throw new ProviderRowError(problems);
}

/** What is wrong with a row as a whole shows when it is prepared. */
function tryOut(row: Provider): void {
  const settings = Object.fromEntries(Object.keys(row.settings ?? {}).map((name) => [name, "x"]));
  const options = { secrets: [], settings };
  createInterpreter(row, options);
  if (row.kind === "hmac" || row.kind === "public-key" || row.kind === "token")
    createVerification(row, options, { least: 1, most: 1 });
}
