import { release } from "@hooks/codegen";
import { againstOption, checkOptions } from "../../against.ts";
import { defineCommand, exitCode } from "../../command.ts";
import { printJson } from "../../output.ts";
import { schemasOption } from "../../schemas-folder.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    schemas: schemasOption,
    against: againstOption,
    "dry-run": { type: "boolean", summary: "Say what would be released, and write nothing" },
    json: { type: "boolean", summary: "Print an array of { type, version, after, bump }" },
  },
  details:
    "Writes versions/x.y.z.json, the version in schema.json, changelog.json and catalog.lock.json, all or nothing.\n" +
    "What check would find stops it. A second run changes nothing.",
  run: async ({ options }, io) => {
    const versions = await release({ ...(await checkOptions(options, io)), dryRun: options["dry-run"] });
    if (options.json) printJson(versions, io);
    else if (versions.length === 0) io.print("Nothing to release.\n");
    else
      for (const { type, version, after, bump } of versions)
        io.print(`${type} ${version}${after === null ? "" : ` after ${after}`}: ${bump}\n`);
    return exitCode.fine;
  },
});
