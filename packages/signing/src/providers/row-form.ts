/** One thing that is wrong with a row. */
export interface RowProblem {
  /** JSON Pointer into the row. */
  readonly pointer: string;
  /** What was expected. */
  readonly message: string;
}

/** Where a value stands, and where its problems go. */
export interface Place {
  readonly pointer: string;
  readonly problems: RowProblem[];
}

/** How a value is read from untyped data, and what JSON Schema says the same. */
export interface Form<Value> {
  /** The value, or `undefined` with at least one problem noted. */
  read(given: unknown, place: Place): Value | undefined;
  readonly schema: JsonSchema;
  readonly isOptional?: boolean;
  /** Whether it is filled in where it is left out, before it is read. */
  readonly isFilledIn?: boolean;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Text of a form. `expected` completes "Expected …". */
export function text(pattern: RegExp, expected: string): Form<string> {
  return {
    schema: { type: "string", pattern: pattern.source },
    read: (given, place) =>
      typeof given === "string" && pattern.test(given) ? given : note(place, expected),
  };
}

/** The same, in lower case. */
export function lowerCaseText(pattern: RegExp, expected: string): Form<string> {
  const { schema, read } = text(pattern, expected);
  return { schema, read: (given, place) => read(given, place)?.toLowerCase() };
}

/** One of several texts. */
export function oneOf<const Value extends string>(values: readonly Value[]): Form<Value> {
  return {
    schema: { enum: values },
    read: (given, place) =>
      values.find((value) => value === given) ?? note(place, `one of ${values.join(", ")}`),
  };
}

/** A whole number. */
export function integer(least: number, most: number): Form<number> {
  return {
    schema: { type: "integer", minimum: least, maximum: most },
    read: (given, place) =>
      typeof given === "number" && Number.isInteger(given) && given >= least && given <= most
        ? given
        : note(place, `a whole number from ${least} to ${most}`),
  };
}

/** True or false. */
export const flag: Form<boolean> = {
  schema: { type: "boolean" },
  read: (given, place) => (typeof given === "boolean" ? given : note(place, "true or false")),
};

/** At least one of something. */
export function listOf<Value>(form: Form<Value>): Form<readonly Value[]> {
  return {
    schema: { type: "array", items: form.schema, minItems: 1, maxItems: maxEntries },
    read: (given, place) => {
      if (!Array.isArray(given) || given.length === 0 || given.length > maxEntries)
        return note(place, `a list of 1 to ${maxEntries}`);
      const values = given.map((one, index) => form.read(one, below(place, String(index))));
      return values.every((value) => value !== undefined) ? values : undefined;
    },
  };
}

/** Values under names of one's own. */
export function recordOf<Value>(form: Form<Value>): Form<Readonly<Record<string, Value>>> {
  return {
    schema: { type: "object", additionalProperties: form.schema, maxProperties: maxEntries },
    read: (given, place) => {
      const entries = isRecord(given) ? Object.entries(given) : undefined;
      if (entries === undefined || entries.length > maxEntries)
        return note(place, `a mapping of at most ${maxEntries}`);
      const read = entries.map(([name, one]) => [name, form.read(one, below(place, name))] as const);
      return read.every((entry): entry is readonly [string, Value & {}] => entry[1] !== undefined)
        ? Object.fromEntries(read)
        : undefined;
    },
  };
}

const maxEntries = 100;

/** What need not be there. */
export function optional<Value>(form: Form<Value>): Form<Value> {
  return { ...form, isOptional: true };
}

/** What whoever reads the whole fills in where it is left out. */
export function filledIn<Value>(form: Form<Value>): Form<Value> {
  return { ...form, isFilledIn: true };
}

type Members<Value> = { readonly [Key in keyof Value]-?: Form<Exclude<Value[Key], undefined>> };

/** Members by name. Any other is a problem. */
export function object<Value extends object>(members: Members<Value>): Form<Value> {
  const forms = Object.entries<Form<unknown>>(members);
  const required = forms.filter(([, form]) => !form.isOptional && !form.isFilledIn).map(([name]) => name);
  const properties = Object.fromEntries(forms.map(([name, { schema }]) => [name, schema]));
  return {
    schema: { type: "object", properties, required, additionalProperties: false },
    read: (given, place) => {
      if (!isRecord(given)) return note(place, "a mapping");
      for (const name of Object.keys(given)) {
        if (!Object.hasOwn(members, name))
          note(below(place, name), `no member of that name; there are ${Object.keys(members).join(", ")}`);
      }
      const found = forms.filter(([name, { isOptional }]) => !isOptional || given[name] !== undefined);
      const read = found.map(([name, form]) => {
        const value = Object.hasOwn(given, name) ? given[name] : undefined;
        return [name, form.read(value, below(place, name))] as const;
      });
      // Every member was read by its own form, or noted.
      return read.every(([, value]) => value !== undefined) ? (Object.fromEntries(read) as Value) : undefined;
    },
  };
}

/** One of several forms, told apart by a member. */
export function variants<Value extends object>(
  key: string,
  forms: Readonly<Record<string, Form<Value>>>,
): Form<Value> {
  return {
    schema: { oneOf: Object.values(forms).map(({ schema }) => schema) },
    read: (given, place) => {
      if (!isRecord(given)) return note(place, "a mapping");
      const kind = Object.hasOwn(given, key) ? given[key] : undefined;
      const form = typeof kind === "string" && Object.hasOwn(forms, kind) ? forms[kind] : undefined;
      return form === undefined
        ? note(below(place, key), `one of ${Object.keys(forms).join(", ")}`)
        : form.read(given, place);
    },
  };
}

/** Notes a problem. Messages say what was expected and never repeat what came: it may be a secret in a wrong place. */
export function note({ pointer, problems }: Place, expected: string): undefined {
  problems.push({ pointer, message: `Expected ${expected}.` });
}

function below({ pointer, problems }: Place, name: string): Place {
  return { pointer: `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, problems };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
