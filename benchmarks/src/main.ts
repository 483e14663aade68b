// The entry of `npm run bench [-- NAME... --quick --json]`: runs the named benches, or all, and prints a table for each.
import { chmodSync } from "node:fs";
import { parseArgs } from "node:util";
import { createTemporaryFolder } from "@hooks/testkit";
import { benches, type BenchRow } from "./benches.ts";
import { type ComparisonResult, measure } from "./measure.ts";
import { benchList, benchTable, machineText } from "./report.ts";

const usage = `Usage: npm run bench [-- NAME... --quick --json]\n\n${benchList(benches)}`;

const { names, quick, json, help } = readArguments();
if (help) {
  console.log(usage);
} else {
  cleanUpOnExit();
  await run(benches.filter((row) => names.length === 0 || names.includes(row.name)));
}

/** However it ends: servers end with this process, and whatever they wrote is in one folder. */
function cleanUpOnExit(): void {
  // Every peer and server has one.
  process.setMaxListeners(100);
  const folder = createTemporaryFolder("hooks-bench");
  // Also for a server that runs as somebody else.
  chmodSync(folder.path, 0o711);
  process.env["TMPDIR"] = folder.path;
  process.once("exit", () => folder.remove());
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

async function run(rows: readonly BenchRow[]): Promise<void> {
  const report: Record<string, readonly ComparisonResult[]> = {};
  if (!json) console.log(machineText());
  for (const row of rows) {
    const results: ComparisonResult[] = [];
    const bench = await row.load();
    for await (const comparison of bench({ quick })) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${row.name}: ${comparison.name} …`);
      results.push(await measure(comparison, { quick }));
    }
    if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
    report[row.name] = results;
    if (!json) console.log(`\n${benchTable(row, results)}`);
  }
  if (json) console.log(JSON.stringify({ machine: machineText(), quick, benches: report }, null, 2));
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { quick: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" } },
    });
    const unknown = positionals.filter((name) => !benches.some((row) => row.name === name));
    if (unknown.length > 0) throw new Error(`Unknown bench: ${unknown.join(", ")}`);
    const { quick = false, json = false, help = false } = values;
    return { names: positionals, quick, json, help };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}
