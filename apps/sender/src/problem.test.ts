import { readFileSync } from "node:fs";
import { SenderError, StoreUnavailableError } from "@hooks/sender";
import { describe, expect, it } from "vitest";
import { problemOf, problems, Refusal } from "./problem.ts";
import { refusalOf } from "./refusal-of.ts";

describe("problems", () => {
  it("stand in the README, each with its status and meaning", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replaceAll(/ +/g, " ");
    const rows = Object.entries(problems).map(
      ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
    );
    expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
    const listed = [...readme.matchAll(/^\| `(\w+)` \| \d{3} \|/gm)];
    expect(listed).toHaveLength(rows.length);
  });
});

describe("refusalOf", () => {
  it("says nothing of what it does not know", () => {
    const error = new TypeError("Cannot read /srv/app/secret.ts");
    const problem = problemOf(refusalOf(error), "req_1");
    expect(problem).toMatchObject({ status: 500, code: "internal_error" });
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it("hides what the store said, and asks to come again", () => {
    const refusal = refusalOf(new StoreUnavailableError("SQLite: disk I/O error"));
    expect([refusal.code, refusal.headers["retry-after"]]).toEqual(["storage_unavailable", "5"]);
    expect(refusal.message).not.toContain("SQLite");
  });

  it("keeps what the sender points at", () => {
    const issue = { pointer: "/url", code: "invalid_url", message: "m" };
    const { code, errors } = refusalOf(new SenderError("invalid_url", "m", { issues: [issue] }));
    expect([code, errors]).toEqual(["invalid_url", [issue]]);
  });

  it("leaves refusals as they are", () => {
    const refusal = new Refusal("not_found", "d");
    expect(refusalOf(refusal)).toBe(refusal);
  });
});
