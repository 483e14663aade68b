import { describe, expect, it } from "vitest";
import { eventTypeFrom, eventTypesFrom } from "./event-type.ts";

describe("eventTypeFrom", () => {
  it.each([
    ["issues$closed", "issues.closed"],
    ["Issues/Closed", "issues.closed"],
    ["invoice.payment_failed", "invoice.payment_failed"],
    ["InvoicePaidEvent", "invoice_paid"],
    ["HTTPCheckFailed", "http_check_failed"],
    ["branch-protection-rule created", "branch_protection_rule_created"],
    ["push$event", "push"],
    ["event", "event"],
    ["2fa.enabled", "event_2fa.enabled"],
    ["..", "event"],
    ["../../etc/passwd", "etc.passwd"],
    ["über", "ber"],
    ["__proto__", "proto"],
    ["constructor", "constructor"],
    ["CON", "event_con"],
    ["com1.opened", "event_com1.opened"],
    ["console.opened", "console.opened"],
  ])("makes of %j %j", (name, type) => {
    expect(eventTypeFrom(name)).toBe(type);
  });

  it("keeps within what a folder may be called", () => {
    expect(eventTypeFrom(`${"a".repeat(99)}.b`)).toBe("a".repeat(99));
  });
});

describe("eventTypesFrom", () => {
  it("tells apart by number what comes to the same", () => {
    expect(eventTypesFrom(["a-b", "a_b", "a b", "c"])).toEqual(["a_b", "a_b_2", "a_b_3", "c"]);
  });
});
