import { providers, type Provider } from "@hooks/signing/providers";
import { defineCommand, exitCode } from "../command.ts";
import { printJson } from "../output.ts";
import { findProvider } from "../request/find-provider.ts";

export const command = defineCommand({
  positionals: ["[ID…]"],
  options: { json: { type: "boolean", summary: "Print the rows" } },
  details: "Without an ID, one line for each provider that requests can be verified of; with one, its row.",
  run: async ({ options, positionals }, io) => {
    const rows = positionals.length === 0 ? Object.values(providers) : positionals.map(findProvider);
    if (options.json) printJson(positionals.length === 1 ? rows[0] : rows, io);
    else if (positionals.length === 0) io.print(table(rows));
    else for (const row of rows) io.print(describe(row));
    return exitCode.fine;
  },
});

function table(rows: readonly Provider[]): string {
  const width = Math.max(...rows.map(({ id }) => id.length));
  const widest = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ id, name, kind }) => `${id.padEnd(width)}  ${name.padEnd(widest)}  ${kind}\n`).join("");
}

/** Every member of the row that is not a table itself, one a line, then the tables. */
function describe(row: Provider): string {
  const lines = Object.entries(row).map(
    ([name, value]) => `  ${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${row.name}\n${lines.join("\n")}\n`;
}
