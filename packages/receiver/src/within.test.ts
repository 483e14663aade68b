import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { within } from "./within.ts";

const long = 3_600_000;
const never = new Promise(() => {});

describe("within", () => {
  it("tells whether the work had ended, however it did", async () => {
    expect(await within(long, Promise.resolve())).toBe(true);
    expect(await within(long, Promise.reject(new Error("no")))).toBe(true);
    expect(await within(1, never)).toBe(false);
  });

  it("ends with its signal, and leaves nothing on it", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await within(long, Promise.resolve(), signal);
    await within(1, never, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const waiting = within(long, never, signal);
    controller.abort();
    expect(await waiting).toBe(false);
    expect(await within(long, never, signal)).toBe(false);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
