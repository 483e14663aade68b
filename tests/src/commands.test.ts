import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, freePort, until } from "@hooks/testkit";
import { afterAll, describe, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = createTemporaryFolder("hooks-commands");
afterAll(folder.remove);

const answers = async (url: string) => (await fetch(url)).ok;
const isSilent = async (url: string) =>
  !(await fetch(url).then(
    () => true,
    () => false,
  ));

describe.each(["sender", "gateway"])("npm run %s", (app) => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "runs it in the foreground, and leaves nothing behind after %s to npm",
    async (signal) => {
      const port = await freePort();
      const npm = spawn("npm", ["run", "--silent", app], {
        cwd: root,
        stdio: "ignore",
        env: {
          ...process.env,
          PORT: String(port),
          DATABASE_URL: `sqlite:${folder.path}/sender.db`,
          INBOX_URL: `sqlite:${folder.path}/gateway.db`,
          HOOKS_ADMIN_KEY: "k".repeat(32),
        },
      });
      await until(() => answers(`http://127.0.0.1:${port}/healthz`), { timeoutMs: 120_000 });
      npm.kill(signal);
      if (npm.exitCode === null && npm.signalCode === null) await once(npm, "exit");
      await until(() => isSilent(`http://127.0.0.1:${port}/healthz`), { timeoutMs: 120_000 });
    },
  );
});
