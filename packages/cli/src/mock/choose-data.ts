import { createSamples, type Json } from "@hooks/codegen";
import { Failure, misuse, unusable } from "../failure.ts";
import { guessHint } from "../guess.ts";
import type { KnownContract } from "./find-contract.ts";

export interface Choice {
  /** Name of an example. */
  readonly example?: string | undefined;
  /** Seed of a random payload. */
  readonly random?: string | undefined;
  /** Only what is required. */
  readonly minimal: boolean;
}

/** Chooses the `data` of a test event: what was asked for, or the first example, or the least there can be. */
export function chooseData({ examples, schema }: KnownContract, { example, random, minimal }: Choice): Json {
  if ([example !== undefined, random !== undefined, minimal].filter(Boolean).length > 1)
    throw misuse("--example, --random and --minimal exclude each other.");
  if (example !== undefined) return exampleNamed(example, examples);
  if (random !== undefined) return orFail(createSamples(schema).random(seedFrom(random)));
  const [first] = examples.values();
  return minimal || first === undefined ? orFail(createSamples(schema).minimal()) : first;
}

function exampleNamed(name: string, examples: ReadonlyMap<string, Json>): Json {
  const data = examples.get(name);
  if (data !== undefined) return data;
  const known = [...examples.keys()];
  const hint =
    known.length === 0 ? " There are none." : guessHint(name, known) || ` Known: ${known.join(", ")}.`;
  throw unusable(`There is no example ${name}.${hint}`, { code: "unknown_example" });
}

function seedFrom(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw misuse(`--random takes an integer from 0 on, not ${text}.`);
  return seed;
}

function orFail(data: Json | undefined): Json {
  if (data !== undefined) return data;
  throw new Failure("No payload could be made of the contract; give it an example.", { code: "no_payload" });
}
