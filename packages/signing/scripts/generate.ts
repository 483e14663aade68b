// Writes docs/providers.md from the rows and the tables that the proof tests run on: `npm run generate`.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { providerEntries } from "../src/proof/provider-entries.ts";
import { renderProviderPage } from "../src/proof/provider-page.ts";

const entries = providerEntries();
await writeFile(
  fileURLToPath(new URL("../../../docs/providers.md", import.meta.url)),
  renderProviderPage(entries),
);
console.log(`${entries.length} providers written to docs/providers.md`);
