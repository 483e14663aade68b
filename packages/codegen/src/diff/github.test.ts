import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { type Json, type JsonObject } from "../json.ts";
import { bundle } from "../normalise/bundle.ts";
import { compareContracts } from "./compare.ts";
import { walk } from "./walk.ts";

const require = createRequire(import.meta.url);
const versions = [
  "3.69.1",
  "3.69.3",
  "4.13.0",
  "5.8.0",
  "6.10.0",
  "6.11.0",
  "7.0.2",
  "7.0.3",
  "7.1.0",
  "7.3.1",
];

function documentOf(version: string): JsonObject {
  return require(`webhooks-schemas-${version}/schema.json`) as JsonObject;
}

/** One event of a published document, bundled; without a name, all of it. */
function contractOf(document: JsonObject, event?: string): JsonObject {
  const entry = event === undefined ? document : { $ref: `all.json#/definitions/${event}` };
  const documents = new Map<string, Json>([
    ["all.json", document],
    ["one.json", entry],
  ]);
  const bundled = bundle("one.json", { documents });
  if (!bundled.ok) throw new Error(bundled.problems.map(({ message }) => message).join());
  return bundled.schema;
}

describe("GitHub's published schemas", () => {
  it.each(versions.slice(1).map((newer, index) => [versions[index] ?? "", newer]))(
    "are walked to the end from %s to %s",
    (before, after) => {
      const findings = walk({ older: contractOf(documentOf(before)), newer: contractOf(documentOf(after)) });
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.map(({ rule }) => rule)).not.toContain("COMPARISON_LIMIT");
    },
    120_000,
  );

  it.each([
    ["7.1.0", "7.3.1", "pull_request$opened", /^pull_request\.auto_merge\.commit_message may now be null/],
    ["3.69.1", "3.69.3", "pull_request_review_comment$created", /^comment\.line may now be null/],
    ["6.10.0", "6.11.0", "pull_request$opened", /^pull_request\.head\.repo may now be null/],
  ])(
    "proves what %s to %s did to subscribers of %s",
    (...[before, after, event, message]) => {
      const { changes, subscriber, bump } = compareContracts(
        contractOf(documentOf(before), event),
        contractOf(documentOf(after), event),
      );
      expect([subscriber, bump]).toEqual(["breaking", "major"]);
      expect(changes.find((change) => message.test(change.message))).toMatchObject({
        rule: "NULLABLE_ADDED",
        proof: "counterexample",
        counterexample: { direction: "subscriber" },
      });
    },
    120_000,
  );

  it("compares a whole document", () => {
    const comparison = compareContracts(contractOf(documentOf("7.1.0")), contractOf(documentOf("7.3.1")));
    expect(comparison).toMatchObject({ subscriber: "breaking", replay: "ok" });
  });
});
