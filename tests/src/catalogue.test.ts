import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCatalog, readSiteAssets, renderDocuments } from "@hooks/codegen";
import { contracts } from "@hooks/contracts/producer";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
/** Inside a workspace that has the packages the handlers import. */
const folder = join(import.meta.dirname, "../dist/catalogue");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = renderDocuments({
  catalog: createCatalog({ ...contracts, name: "@hooks/contracts" }),
  assets: await readSiteAssets(),
});

/** What the pages offer for copying under a title, as text. */
function snippets(title: string): readonly string[] {
  const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  const pages = [...files].filter(([path]) => path.startsWith("events/") && path.endsWith(".html"));
  return pages.flatMap(([, page]) =>
    [...page.matchAll(/<span>([^<]*)<\/span><\/figcaption>\s*<pre tabindex="0"><code>(.*?)<\/code>/gs)]
      .filter(([, caption]) => caption === title)
      .map(([, , code = ""]) =>
        code.replaceAll(/&(lt|gt|quot|#39|amp);/g, (_entity, name: string) => characters[name] ?? ""),
      ),
  );
}

describe("what the catalogue offers for copying", () => {
  it("holds a handler for each event type that compiles", () => {
    const handlers = snippets("TypeScript");
    expect(handlers).toHaveLength(Object.keys(contracts.eventTypes).length);
    mkdirSync(folder, { recursive: true });
    for (const [index, code] of handlers.entries()) writeFileSync(join(folder, `handler-${index}.mts`), code);
    const wrong = handlers[0]!.replace(/"[a-z_]+\.[a-z_]+": \(event\)/, '"no.such_event": (event)');
    writeFileSync(join(folder, "wrong.mts"), wrong);
    const config = { extends: join(root, "tsconfig.base.json"), compilerOptions: { noEmit: true } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
    const faults = stdout.split("\n").filter((line) => line.includes("error TS"));
    expect(faults.filter((line) => !line.includes("wrong.mts"))).toEqual([]);
    expect(faults.join("\n")).toContain("No overload matches");
  });

  it("holds commands that the command line takes", () => {
    const commands = snippets("Shell").filter((text) => text.startsWith("npx @hooks/cli "));
    expect(commands).toHaveLength(Object.keys(contracts.eventTypes).length);
    const hooks = `node ${join(root, "packages/cli/dist/main.js")}`;
    const script = `${commands[0]!.replace("npx @hooks/cli", hooks)} --dry-run`;
    const env = { ...process.env, WEBHOOK_SECRET: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" };
    const printed = execFileSync("sh", ["-c", script], { cwd: join(root, "tests"), env, encoding: "utf8" });
    expect(printed).toContain("POST http://127.0.0.1:3000/webhooks/main");
    expect(printed).toContain("webhook-signature: v1,");
  });
});
