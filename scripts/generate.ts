// Everything that is generated and tracked, one after the other.
import { spawnSync } from "node:child_process";

const generators = ["packages/contracts/scripts/generate.ts", "packages/signing/scripts/generate.ts"];
for (const generator of generators) {
  const { status } = spawnSync(process.execPath, [generator], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
