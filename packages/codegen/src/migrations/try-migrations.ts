import type { Json } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { Contract, Major, MigrationFile, Project } from "../project.ts";
import { readProject } from "../read-project.ts";
import type { Sources } from "../sources.ts";
import { createSamples } from "../samples/samples.ts";
import { createValidateData } from "../validate-data.ts";
import { convert, type Conversion } from "./convert.ts";

export interface TryMigrationsOptions {
  /** How long the converters of one migration may take together, default 10,000 ms: a machine may stand still for some of them. */
  readonly timeoutMs?: number;
}

/**
 * Runs every migration on the examples of both majors and on the least and the most their contracts allow: what `down`
 * or `up` makes of valid data has to be valid by the other major. The problems name the file of the migration, and the
 * place in what it made. It runs the code of the folder, in a thread of its own.
 */
export async function tryMigrations(
  { contracts }: Project,
  { timeoutMs = 10_000 }: TryMigrationsOptions = {},
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const contract of contracts)
    for (const migration of contract.migrations)
      problems.push(...(await tryMigration(contract, migration, timeoutMs)));
  return problems;
}

/** `tryMigrations` of a folder's files; a folder that cannot be read has other problems. */
export async function tryMigrationsOf(sources: Sources): Promise<readonly Problem[]> {
  const read = readProject(sources);
  return read.ok ? tryMigrations(read.project) : [];
}

/** One payload, where it is from, and the major that the converted one has to follow. */
interface Trial extends Conversion {
  readonly name: string;
  readonly target: Major;
}

async function tryMigration(
  { majors }: Contract,
  { file, from, to, text }: MigrationFile,
  timeoutMs: number,
): Promise<readonly Problem[]> {
  const [newer, older] = [from, to].map((major) => majors.find((one) => one.major === major));
  if (newer === undefined || older === undefined) return [];
  const trials: readonly Trial[] = [
    ...payloadsOf(newer).map((payload) => ({ ...payload, direction: "down" as const, target: older })),
    ...payloadsOf(older).map((payload) => ({ ...payload, direction: "up" as const, target: newer })),
  ];
  const conversions = trials.map(({ direction, data }) => ({ direction, data }));
  const run = await convert({ file, text, conversions, timeoutMs });
  if (!run.loaded) {
    const message = `A migration exports the functions down and up, and imports nothing but types: ${run.reason}`;
    return [{ code: "invalid_migration", file, pointer: "", message }];
  }
  return run.results.flatMap((result, index): readonly Problem[] => {
    const trial = trials[index];
    if (trial === undefined) return [];
    const code = "broken_migration";
    const what = `${trial.direction} fails on ${trial.name}`;
    if (!result.ok) return [{ code, file, pointer: "", message: `${what}: ${result.reason}` }];
    const [issue] = createValidateData(trial.target.schema, "closed")(result.data);
    if (issue === undefined) return [];
    const message = `${what}: version ${trial.target.version} refuses what it makes of it. ${issue.message}`;
    return [{ code, file, pointer: issue.pointer, message }];
  });
}

function payloadsOf({ schema, version, examples }: Major): readonly { name: string; data: Json }[] {
  const samples = createSamples(schema);
  const made = [
    [`the minimal payload of ${version}`, samples.minimal()],
    [`the maximal payload of ${version}`, samples.maximal()],
  ] as const;
  return [
    ...examples.map(({ name, data }) => ({ name: `the example ${name} of ${version}`, data })),
    ...made.flatMap(([name, data]) => (data === undefined ? [] : [{ name, data }])),
  ];
}
