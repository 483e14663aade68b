import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { bundleGithub, githubSchema } from "../test-support/octokit.ts";
import { createSamples } from "./samples.ts";

const names = Object.keys(githubSchema.definitions).filter((name) => name.includes("$"));
/** Its location may have no members and must have two. */
const impossible = "secret_scanning_alert_location$created";

describe("GitHub's contracts", () => {
  it("each have a minimal, a maximal and random payloads, but for one that nothing can follow", () => {
    const without = names.filter((name) => {
      const schema = bundleGithub(name);
      const samples = createSamples(schema);
      const found = [samples.minimal(), samples.maximal(), samples.random(1)];
      return !found.every((value) => value !== undefined && compile(schema, "closed").check(value));
    });
    expect(names.length).toBeGreaterThan(150);
    expect(without).toEqual([impossible]);
    // Half a second for each on a busy machine.
  });

  it.each(["issues$opened", "package$published"])("have hundreds of edges and mutants: %s", (name) => {
    const samples = createSamples(bundleGithub(name));
    expect(samples.boundary().length).toBeGreaterThan(300);
    expect(samples.mutants().length).toBeGreaterThan(300);
  });

  it("has no payloads of a contract that nothing can follow", () => {
    const samples = createSamples(bundleGithub(impossible));
    expect([samples.minimal(), samples.maximal(), samples.random(1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([samples.boundary(), samples.mutants()]).toEqual([[], []]);
  });
});
