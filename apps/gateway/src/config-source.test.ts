import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigSource } from "./config-source.ts";

const source = "sources: { a: { provider: github, secretsFrom: SECRETS } }";
const byteOrderMark = "\uFEFF";

describe("createConfigSource", () => {
  let folder: ReturnType<typeof createTemporaryFolder>;
  beforeAll(() => {
    folder = createTemporaryFolder("hooks-config-source");
    mkdirSync(join(folder.path, "folder"));
  });
  afterAll(() => folder.remove());

  /** The secrets that are read with this file and this file of secrets, or what is said instead. */
  const load = (yaml: Buffer | string, secrets: Buffer | string, path = "secrets") => {
    const files = { yaml: join(folder.path, "gateway.yaml"), secrets: join(folder.path, path) };
    writeFileSync(files.yaml, typeof yaml === "string" ? yaml.replace("SECRETS", files.secrets) : yaml);
    if (path === "secrets") writeFileSync(files.secrets, secrets);
    const result = createConfigSource({ HOOKS_CONFIG: files.yaml }).load();
    if (result.ok) return result.config.sources["a"]?.secrets;
    return result.problems.map(({ path, message }) =>
      `${path}: ${message}`.replaceAll(`${folder.path}/`, ""),
    );
  };

  it("takes files with a byte order mark and lines of Windows", () => {
    expect(load(`${byteOrderMark}${source}\r\n`, `${byteOrderMark}one\r\ntwo\r\n`)).toEqual(["one", "two"]);
  });

  it("refuses bytes that are not UTF-8: they would be another secret", () => {
    expect(load(source, Buffer.from("h\u00fcsh", "latin1"))).toEqual([
      "sources.a.secretsFrom: expected text in UTF-8 in secrets",
    ]);
    expect(load(Buffer.from(`${byteOrderMark}${source}`, "utf16le"), "s")).toEqual([
      "HOOKS_CONFIG: config_unreadable: expected text in UTF-8 in gateway.yaml",
    ]);
  });

  it("says what is wrong with a file of secrets", () => {
    expect(load(source, "", "none")).toEqual([
      "sources.a.secretsFrom: expected a file at none, there is none",
    ]);
    expect(load(source, "", "folder")).toEqual([
      "sources.a.secretsFrom: expected a file at folder that can be read, got EISDIR",
    ]);
  });

  it.each([
    ["- sources", 'expected a mapping in gateway.yaml, such as "sources: …"'],
    ["port: 1\n---\nport: 2", "expected one document in gateway.yaml, got several with --- between"],
    ["port: [", "expected YAML in gateway.yaml: "],
  ])("says what is wrong with the file %j", (yaml, message) => {
    const [problem, ...others] = load(yaml, "") ?? [];
    expect(problem).toContain(`HOOKS_CONFIG: config_invalid: ${message}`);
    expect(others).toEqual([]);
  });
});
