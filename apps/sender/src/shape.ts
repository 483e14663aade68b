import { parseTimestamp } from "@hooks/sender";
import type { Fault } from "./problem.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a value must be: reads it, says what is wrong with it, and describes itself as JSON Schema. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** The value, or faults added to `faults`; what is returned counts only when there are none. */
  read(value: unknown, at: At): T | undefined;
}

export interface At {
  readonly pointer: string;
  readonly faults: Fault[];
  /** Short words that came may be repeated in faults. */
  readonly showsWords: boolean;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type Infer<S> = S extends Shape<infer T> ? T : never;

type Members = Readonly<Record<string, Shape<unknown>>>;

type ObjectOf<R extends Members, O extends Members> = { readonly [K in keyof R]: Infer<R[K]> } & {
  readonly [K in keyof O]?: Infer<O[K]>;
};

/** Reads a value as a shape, and reports every fault at once. */
export function read<T>(
  shape: Shape<T>,
  value: unknown,
  { showsWords = false }: Partial<Pick<At, "showsWords">> = {},
): Read<T> {
  const faults: Fault[] = [];
  const found = shape.read(value, { pointer: "", faults, showsWords });
  // Without a fault every shape has returned its value.
  return faults.length === 0 ? { ok: true, value: found as T } : { ok: false, faults };
}

export function text({ max, min = 1 }: { readonly max: number; readonly min?: number }): Shape<string> {
  const expected = `a string of ${min} to ${max} characters`;
  return {
    schema: { type: "string", minLength: min, maxLength: max },
    read: (value, at) =>
      typeof value === "string" && value.length >= min && value.length <= max
        ? value
        : refuse(at, expected, value),
  };
}

export function integer({ min, max }: { readonly min: number; readonly max: number }): Shape<number> {
  return {
    schema: { type: "integer", minimum: min, maximum: max },
    read: (value, at) =>
      typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
        ? value
        : addFault(
            at,
            `an integer from ${min} to ${max}`,
            isNumber(value) ? String(value) : toldOf(value, at),
          ),
  };
}

/** A number that need not be whole. */
export function number({ min, max }: { readonly min: number; readonly max: number }): Shape<number> {
  return {
    schema: { type: "number", minimum: min, maximum: max },
    read: (value, at) =>
      typeof value === "number" && value >= min && value <= max
        ? value
        : addFault(at, `a number from ${min} to ${max}`, isNumber(value) ? String(value) : toldOf(value, at)),
  };
}

/** An integer written as text, as in a query. */
export function integerText(range: { readonly min: number; readonly max: number }): Shape<number> {
  const number = integer(range);
  return {
    schema: number.schema,
    read: (value, at) =>
      number.read(typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value, at),
  };
}

/** A time such as `2026-11-20T12:00:00Z`, as Unix milliseconds. */
export const time: Shape<number> = {
  schema: { type: "string", format: "date-time", maxLength: 40 },
  read(value, at) {
    const timeMs = typeof value === "string" ? parseTimestamp(value) : undefined;
    const isSince1970 = timeMs !== undefined && timeMs >= 0;
    return isSince1970 ? timeMs : refuse(at, "a time since 1970, such as 2026-11-20T12:00:00Z", value);
  },
};

export function choice<const T extends string>(options: readonly T[]): Shape<T> {
  return {
    schema: { type: "string", enum: options },
    read: (value, at) =>
      options.find((option) => option === value) ?? refuse(at, `one of ${options.join(", ")}`, value),
  };
}

export const boolean: Shape<boolean> = {
  schema: { type: "boolean" },
  read: (value, at) => (typeof value === "boolean" ? value : refuse(at, "true or false", value)),
};

/** Anything that JSON can say; somebody else judges it. */
export const anything: Shape<unknown> = { schema: {}, read: (value) => value };

export function list<T>(items: Shape<T>, { min = 0, max }: { readonly min?: number; readonly max: number }) {
  const shape: Shape<readonly T[]> = {
    schema: { type: "array", items: items.schema, minItems: min, maxItems: max },
    read(value, at) {
      if (!Array.isArray(value) || value.length < min || value.length > max)
        return refuse(at, `an array of ${min} to ${max} items`, value);
      return value.map((item: unknown, index) => items.read(item, inside(at, index)) as T);
    },
  };
  return shape;
}

/** An object with any names and values of one shape. */
export function record<T>(values: Shape<T>, { max }: { readonly max: number }) {
  const shape: Shape<Readonly<Record<string, T>>> = {
    schema: { type: "object", additionalProperties: values.schema, maxProperties: max },
    read(value, at) {
      if (!isObject(value) || Object.keys(value).length > max)
        return refuse(at, `an object of at most ${max} members`, value);
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, values.read(member, inside(at, name)) as T]),
      );
    },
  };
  return shape;
}

/** An object with exactly these members. */
export function object<R extends Members, O extends Members>(
  required: R,
  optional: O,
): Shape<ObjectOf<R, O>> {
  const members: Members = { ...required, ...optional };
  const schemas = Object.entries(members).map(([name, { schema }]) => [name, schema]);
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(schemas),
      ...(Object.keys(required).length === 0 ? {} : { required: Object.keys(required) }),
      additionalProperties: false,
    },
    read(value, at) {
      if (!isObject(value)) return refuse(at, "an object", value);
      for (const name of Object.keys(required)) if (!Object.hasOwn(value, name)) missing(inside(at, name));
      for (const name of Object.keys(value)) if (!Object.hasOwn(members, name)) unknown(inside(at, name));
      const known = Object.entries(members).filter(([name]) => Object.hasOwn(value, name));
      const found = known.map(([name, shape]) => [name, shape.read(value[name], inside(at, name))]);
      // Each member was read by its own shape.
      return Object.fromEntries(found) as ObjectOf<R, O>;
    },
  };
}

/** The same shape, or `null` with the meaning that is said. */
export function nullable<T>(shape: Shape<T>, meaning: string): Shape<T | null> {
  const { description, ...schema } = shape.schema;
  const sentence = `${description === undefined ? "" : `${String(description)}; `}null for ${meaning}`;
  return {
    schema: { anyOf: [schema, { type: "null" }], description: sentence },
    read: (value, at) => (value === null ? null : shape.read(value, at)),
  };
}

/** The same shape with a sentence about it. */
export function described<T>(shape: Shape<T>, description: string): Shape<T> {
  return { ...shape, schema: { ...shape.schema, description } };
}

/** Adds a fault; what came is told by its kind only, because it may be secret, unless words may be shown. */
export function refuse(at: At, expected: string, value: unknown): undefined {
  addFault(at, expected, toldOf(value, at));
}

function addFault(at: At, expected: string, received: string): undefined {
  const message = `Expected ${expected}, got ${received}`;
  at.faults.push({ pointer: at.pointer, code: "validation_failed", message, expected, received });
}

function missing(at: At): void {
  const fault = { pointer: at.pointer, code: "validation_failed", message: "This member is required" };
  at.faults.push({ ...fault, expected: "a value", received: "nothing" });
}

function unknown(at: At): void {
  const fault = { pointer: at.pointer, code: "unknown_field", message: "There is no such member" };
  at.faults.push({ ...fault, expected: "no such member", received: "a member" });
}

function inside({ pointer, ...rest }: At, name: string | number): At {
  const token = String(name).slice(0, 64).replaceAll("~", "~0").replaceAll("/", "~1");
  return { ...rest, pointer: `${pointer}/${token}` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function toldOf(value: unknown, { showsWords }: At): string {
  const isWord = typeof value === "string" && /^[\w.-]{1,32}$/.test(value);
  return showsWords && isWord ? value : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return `a string of ${value.length} characters`;
  if (isNumber(value)) return Number.isInteger(value) ? "an integer" : "a number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
