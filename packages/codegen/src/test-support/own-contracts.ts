import { fileURLToPath } from "node:url";
import type { JsonObject } from "../json.ts";
import { ContractsError } from "../problem.ts";
import { readProject } from "../read-project.ts";
import { readSources } from "../read-sources.ts";

const read = readProject(await readSources(fileURLToPath(new URL("../../../../schemas", import.meta.url))));
if (!read.ok) throw new ContractsError(read.problems);

/** The newest version of every major of this repository's own contracts, bundled. */
export const ownContracts: readonly { readonly name: string; readonly schema: JsonObject }[] =
  read.project.contracts.flatMap(({ type, majors }) =>
    majors.map(({ version, schema }) => ({ name: `${type} ${version}`, schema })),
  );
