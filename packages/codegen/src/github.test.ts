import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.ts";
import type { Json } from "./json.ts";
import { toIssues } from "./runtime/issue.ts";
import type { ValidatorError } from "./runtime/row.ts";
import { bundleGithub, githubEvents, githubSchema } from "./test-support/octokit.ts";

const ajv = new Ajv({ strict: false, inlineRefs: false });
addFormats.default(ajv);
ajv.addSchema(githubSchema, "github");

const validators = githubEvents.map(({ definition, payloads }) => {
  const schema = bundleGithub(definition);
  const [closed, open] = [compile(schema, "closed").check, compile(schema, "open").check];
  return { closed, open, plain: ajv.getSchema(`github#/definitions/${definition}`)!, payloads };
});

describe("GitHub's own contracts and payloads", () => {
  it("get the verdict of plain ajv: of 329 payloads, 276 are valid", () => {
    let [valid, all] = [0, 0];
    for (const { closed, plain, payloads } of validators)
      for (const payload of payloads) {
        expect(closed(payload)).toBe(plain(payload));
        all++;
        if (closed(payload)) valid++;
      }
    expect([all, valid]).toEqual([329, 276]);
  });

  it("pass the consumer when they pass the producer", () => {
    for (const { closed, open, payloads } of validators)
      for (const payload of payloads) if (closed(payload)) expect(open(payload)).toBe(true);
  });

  it("tell one issue, at the member, when any one member is of the wrong type", () => {
    let faults = 0;
    for (const { closed, payloads } of validators.filter((_validator, index) => index % 3 === 0)) {
      const payload = payloads.find((one) => closed(one));
      for (const { parent, key, pointer } of membersOf(payload ?? null)) {
        const value = parent[key]!;
        parent[key] = typeof value === "string" ? 12_345 : "flipped";
        if (!closed(payload)) {
          const issues = toIssues(closed.errors as readonly ValidatorError[], payload, []);
          expect(issues).toHaveLength(1);
          // A union without a tag is told as a whole.
          expect(`/data${pointer}/`).toContain(`${issues[0]?.pointer}/`);
          faults++;
        }
        parent[key] = value;
      }
    }
    expect(faults).toBeGreaterThan(1_000);
  });
});

interface Member {
  readonly parent: Record<string, Json>;
  readonly key: string;
  readonly pointer: string;
}

function membersOf(value: Json, pointer = ""): readonly Member[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as Record<string, Json>;
  return Object.keys(parent).flatMap((key) => {
    const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return [{ parent, key, pointer: at }, ...membersOf(parent[key]!, at)];
  });
}
