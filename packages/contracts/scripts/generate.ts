// Writes src/generated from the schemas at the root of the repository: `npm run generate`.
import { fileURLToPath } from "node:url";
import { ContractsError, generate } from "@hooks/codegen";

const schemas = fileURLToPath(new URL("../../../schemas", import.meta.url));
const out = fileURLToPath(new URL("../src/generated", import.meta.url));
const files = await generate({ schemas, out }).catch((error: unknown) => {
  if (!(error instanceof ContractsError)) throw error;
  console.error(error.message);
  process.exit(1);
});
console.log(`${files.size} files written to packages/contracts/src/generated`);
