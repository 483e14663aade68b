/** What the schemas of a corpus are written in. */
export type Dialect = "2020-12" | "draft-07";

/** Which validator is asked. */
export type Validator = "generated" | "ajv" | "zod";

export interface ValidatorInput {
  /** Module that exports the generated `table`. */
  readonly generated: string;
  readonly dialect: Dialect;
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** Event type to a check of its data. */
export type Checks = ReadonlyMap<string, (data: unknown) => boolean>;

interface Table {
  readonly table: ReadonlyMap<string, readonly [{ check(data: unknown): boolean }]>;
}

/** Makes a validator ready for every schema; everything it needs is loaded here. */
export const createChecks: Readonly<Record<Validator, (input: ValidatorInput) => Promise<Checks>>> = {
  generated: async ({ generated }) => {
    const { table } = (await import(generated)) as Table;
    return new Map([...table].map(([type, [row]]) => [type, row.check]));
  },
  ajv: async ({ dialect, schemas }) => {
    const { default: addFormats } = await import("ajv-formats");
    const ajv = await createAjv(dialect);
    addFormats.default(ajv);
    return new Map(
      Object.entries(sharing(schemas)).map(([type, schema]) => {
        const check = ajv.compile(schema as object);
        return [type, (data) => check(data) === true];
      }),
    );
  },
  zod: async ({ schemas }) => {
    const { fromJSONSchema } = await import("zod");
    return new Map(
      Object.entries(schemas).map(([type, schema]) => {
        const parsed = fromJSONSchema(schema as Parameters<typeof fromJSONSchema>[0]);
        return [type, (data) => parsed.safeParse(data).success];
      }),
    );
  },
};

/** The settings that are best for ajv here: functions for definitions, and no check of the schemas themselves. */
async function createAjv(dialect: Dialect) {
  const options = { strict: false, inlineRefs: false, validateSchema: false, logger: false } as const;
  return dialect === "draft-07"
    ? new (await import("ajv")).Ajv(options)
    : new (await import("ajv/dist/2020.js")).Ajv2020(options);
}

/** Schemas with the same definitions refer to one document that has them, which is compiled once. */
function sharing(schemas: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(schemas) as readonly [string, { $ref?: string; definitions?: unknown }][];
  const shared = entries[0]?.[1].definitions;
  if (shared === undefined) return schemas;
  const all = Object.fromEntries(entries.map(([type, { $ref = "" }]) => [type, { $ref }]));
  return withDocument(all, shared);
}

function withDocument(
  references: Readonly<Record<string, { readonly $ref: string }>>,
  definitions: unknown,
): Readonly<Record<string, unknown>> {
  const $id = "https://example.com/all";
  const [first, ...others] = Object.entries(references);
  if (first === undefined) return {};
  return Object.fromEntries([
    [first[0], { $id, ...first[1], definitions }],
    ...others.map(([type, { $ref }]) => [type, { $ref: `${$id}${$ref}` }]),
  ]);
}
