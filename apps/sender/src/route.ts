import { parseJson } from "./json.ts";
import { type ProblemCode, Refusal } from "./problem.ts";
import { type JsonSchema, object, read, type Shape } from "./shape.ts";

export type Method = "get" | "post" | "patch" | "delete";

/** By what the sender knows a repetition; nothing without the header `Idempotency-Key`. */
export interface Idempotency {
  /** Unguessable for other API keys' calls, so that two keys never share an idempotency key. */
  readonly idempotencyKey?: string;
}

/** What a route is given to answer. */
export interface Call<Path extends string, Body, Query> {
  readonly params: Readonly<Record<ParamsOf<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly idempotency: Idempotency;
  /** The `If-Match` header. */
  readonly ifMatch?: string;
}

/** Either JSON, or text of the given type, or nothing. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as it came, before its query and body have been read. */
export interface RawCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array | undefined;
  readonly idempotency: Idempotency;
  readonly ifMatch?: string;
}

/** One operation of the API: the app serves it and the OpenAPI document describes it. */
export interface Route {
  readonly method: Method;
  /** With parameters as OpenAPI writes them: `/v1/endpoints/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly success: Success;
  /** What it answers where the request asks for something else. */
  readonly otherSuccess?: Success;
  /** The refusals that are its own; those of every route are added by the document. */
  readonly refusals: readonly ProblemCode[];
  /** Answers repetitions under the same `Idempotency-Key` like the first; without this a `post` refuses the header. */
  readonly isIdempotent: boolean;
  /** Heeds `If-Match`. */
  readonly isConditional: boolean;
  readonly querySchema: JsonSchema;
  readonly body?: {
    readonly schema: JsonSchema;
    readonly maxBytes: number;
    readonly isRequired: boolean;
  };
  run(call: RawCall): Promise<Answer>;
}

export interface Success {
  readonly status: number;
  readonly description: string;
  /** The name of a component of the document; absent where no JSON is answered. */
  readonly schema?: string;
  /** The answer is a list of these. */
  readonly isList?: boolean;
  readonly hasETag?: boolean;
}

export interface RouteOptions<Path extends string, Body, Query> {
  readonly method: Method;
  readonly path: Path;
  readonly operationId: string;
  readonly summary: string;
  readonly success: Success;
  readonly otherSuccess?: Success;
  readonly refusals?: readonly ProblemCode[];
  readonly isIdempotent?: boolean;
  readonly isConditional?: boolean;
  readonly query?: Shape<Query>;
  readonly body?: BodyOptions<Body>;
  handle(call: Call<Path, Body, Query>): Promise<Answer>;
}

export interface BodyOptions<Body> {
  readonly shape: Shape<Body>;
  /** Default 64 KiB. */
  readonly maxBytes?: number;
  /** Whether no body means `{}`. Default `false`. */
  readonly isOptional?: boolean;
}

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;

const MAX_BODY_BYTES = 64 * 1_024;
const NO_MEMBERS = object({}, {});

/** Of a route that is told nothing but its path: none, or `{}`. */
export const EMPTY_BODY = { shape: NO_MEMBERS, isOptional: true } as const satisfies BodyOptions<object>;

/** Makes a route of which nothing is handled that has not been read as what it must be. */
export function defineRoute<Path extends string, Body = undefined, Query = object>(
  options: RouteOptions<Path, Body, Query>,
): Route {
  const { refusals = [], isIdempotent = false, isConditional = false, body, handle } = options;
  // Without a query of its own a route has the empty one, and `Query` is then `object`.
  const query = options.query ?? (NO_MEMBERS as unknown as Shape<Query>);
  return {
    method: options.method,
    path: options.path,
    operationId: options.operationId,
    summary: options.summary,
    success: options.success,
    ...(options.otherSuccess === undefined ? {} : { otherSuccess: options.otherSuccess }),
    refusals,
    isIdempotent,
    isConditional,
    querySchema: query.schema,
    ...(body === undefined ? {} : { body: describe(body) }),
    run: async ({ params, query: rawQuery, bytes, ...headers }) =>
      handle({
        ...headers,
        // The path's own names: the router that matched it has filled them all.
        params: params as Readonly<Record<ParamsOf<Path>, string>>,
        query: readQuery(query, rawQuery),
        // Without a shape `Body` is `undefined`.
        body: (body === undefined ? undefined : readJson(body, bytes)) as Body,
      }),
  };
}

function describe({ shape, maxBytes = MAX_BODY_BYTES, isOptional = false }: BodyOptions<unknown>) {
  return { schema: shape.schema, maxBytes, isRequired: !isOptional };
}

function readQuery<T>(shape: Shape<T>, query: Readonly<Record<string, unknown>>): T {
  const result = read(shape, { ...query }, { showsWords: true });
  if (result.ok) return result.value;
  const known = Object.keys(shape.schema["properties"] ?? {});
  const unknown = {
    message: "There is no such parameter",
    expected: known.length === 0 ? "no parameters" : known.join(", "),
    received: "another one",
  };
  const errors = result.faults.map((fault) => ({
    ...fault,
    ...(fault.code === "unknown_field" && unknown),
    code: "invalid_query",
  }));
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  throw new Refusal("invalid_query", `These query parameters are not as expected: ${names}`, { errors });
}

function readJson<T>({ shape, isOptional }: BodyOptions<T>, bytes: Uint8Array = new Uint8Array()): T {
  const value = isOptional && bytes.length === 0 ? {} : parseJson(bytes);
  const result = read(shape, value);
  if (result.ok) return result.value;
  const errors = result.faults.slice(0, 100);
  const isUnknown = errors.every(({ code }) => code === "unknown_field");
  const [first] = errors;
  const where = first?.pointer === "" ? "the body" : first?.pointer;
  throw new Refusal(isUnknown ? "unknown_field" : "validation_failed", `${first?.message} at ${where}`, {
    errors,
  });
}
