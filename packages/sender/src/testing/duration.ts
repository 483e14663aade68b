import { SenderError } from "../errors.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FORM = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/;

/** Milliseconds, also of a text such as `5m`. Throws a `SenderError` when it is none. */
export function parseDuration(duration: number | string): number {
  const [, count, unit] = typeof duration === "string" ? (FORM.exec(duration) ?? []) : [];
  const ms = typeof duration === "string" ? Number(count) * UNITS[unit as keyof typeof UNITS] : duration;
  if (Number.isFinite(ms) && ms >= 0) return Math.ceil(ms);
  const message = `Expected milliseconds of 0 or more, or a text such as 5m or 3d, got ${String(duration)}`;
  throw new SenderError("validation_failed", message);
}
