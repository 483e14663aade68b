import type { Json } from "../../json.ts";
import { admits } from "../compare/values.ts";
import type { Shape } from "../shape.ts";

const texts = [
  "a",
  "",
  "A",
  "0",
  "ab",
  "abc",
  "a b",
  "é",
  "1.0.0",
  "2026-01-01",
  "2026-01-01T00:00:00Z",
  "2026-06-30T12:00:00.123+02:00",
  "00:00:00Z",
  "P1D",
  "a@example.com",
  "example.com",
  "192.0.2.1",
  "2001:db8::1",
  "https://example.com/a",
  "/a",
  "00000000-0000-4000-8000-000000000000",
  "EUR",
  "evt_1",
  "0123456789abcdef0123456789abcdef01234567",
];

const numbers = [0, 1, -1, 2, 0.5, 1.5, -0.5, 100, 1e6, Number.MAX_SAFE_INTEGER];

/** Scalars that a shape allows, at its edges and within, those its author gave as examples first. */
export function scalars(shape: Shape): readonly Json[] {
  const found = known.get(shape) ?? scalarsAnew(shape);
  known.set(shape, found);
  return found;
}

const known = new WeakMap<Shape, readonly Json[]>();

function scalarsAnew(shape: Shape): readonly Json[] {
  const { examples, default: usual } = Object.fromEntries(shape.annotations);
  const given = [...(Array.isArray(examples) ? examples : []), ...(usual === undefined ? [] : [usual])];
  const candidates: readonly Json[] = [...given, ...sized(shape), ...texts, ...ranged(shape), true, false];
  const unlisted = { ...shape, read: undefined };
  return candidates.filter((value) => isScalar(value) && admits(unlisted, value));
}

/** Texts of the shortest and the longest length. */
function sized({ bounds }: Shape): readonly string[] {
  const lengths = [bounds.get("length.min")?.value, bounds.get("length.max")?.value];
  return lengths.flatMap((length) =>
    length === undefined || length > 10_000 ? [] : ["a".repeat(length), "0".repeat(length)],
  );
}

/** Numbers at both ends of the range and one step inside. */
function ranged({ bounds, multiples }: Shape): readonly number[] {
  const ends = [bounds.get("number.min")?.value, bounds.get("number.max")?.value];
  const steps = [1, 0.5, ...multiples];
  const near = ends.flatMap((end) =>
    end === undefined ? [] : [end, ...steps.flatMap((step) => [end + step, end - step])],
  );
  return [...numbers, ...near, ...[...multiples].flatMap((step) => [step, -step, 2 * step, 3 * step])];
}

function isScalar(value: Json): boolean {
  return value !== null && typeof value !== "object";
}
