import { isObject, objectAt, segmentsOf, type JsonObject } from "../json.ts";
import { mapChildren } from "../schema.ts";
import { assertionsOf } from "./assertions.ts";
import { closingOf } from "./closing.ts";
import { companionsAt, type Companions } from "./companions.ts";
import { referenceOf, referenceTo, schemasOf } from "./definitions.ts";
import { dispatch } from "./dispatch.ts";
import { open } from "./opening.ts";
import { tracked } from "./tracked.ts";
import { withoutTwins } from "./twins.ts";

/** `closed` is the producer's: an unknown member is an error. `open` is the consumer's: it reads what is newer too. */
export type Openness = "closed" | "open";

/**
 * A bundled schema as a validator sees it: only what it asserts, its objects all closed or all open, its unions
 * arranged so that one fault gives one error. Whatever the closed one accepts, the open one accepts.
 */
export function validatorSchema(schema: JsonObject, openness: Openness): JsonObject {
  const { $defs: _definitions, ...root } = schema;
  const rewriting = new Rewriting(objectAt(schema, "$defs"));
  const rewritten = rewriting.schema(root, { mode: openness, companions: [] });
  return tracked(withoutTwins({ ...rewritten, $defs: rewriting.finish() }));
}

/** How a place is rewritten. Below `not` and `if` more would mean less, so there everything is kept as written. */
interface Context {
  readonly mode: Openness | "kept";
  readonly companions: Companions;
  /** How many objects around this one have been merged. */
  readonly merges?: number;
}

/** One definition is needed in as many variants as there are contexts it is referred to from. */
class Rewriting {
  readonly #definitions: JsonObject;
  readonly #names = new Map<string, string>();
  readonly #variants = new Map<string, number>();
  readonly #waiting: { readonly name: string; readonly from: string; readonly context: Context }[] = [];
  readonly #ids = new Map<JsonObject, number>();

  constructor(definitions: JsonObject) {
    this.#definitions = definitions;
  }

  /** Rewrites the definitions that have been referred to, and those they refer to. */
  finish(): JsonObject {
    const done = new Map<string, JsonObject>();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      done.set(next.name, this.schema(objectAt(this.#definitions, next.from), next.context));
    return Object.fromEntries(done);
  }

  schema(given: JsonObject, context: Context): JsonObject {
    const bare = assertionsOf(given);
    if (context.mode === "kept") {
      const { discriminator: _hint, ...schema } = bare;
      return this.#inner(schema, context, () => context);
    }
    const closing =
      context.mode === "open"
        ? { schema: open(bare, given), part: () => [], merges: 0 }
        : closingOf(bare, context, this.#definitions);
    const here = { ...context, merges: closing.merges };
    const inPlace = (part: JsonObject): Context => ({ ...here, companions: closing.part(part) });
    const rewritten = this.#inner(closing.schema, here, inPlace);
    const union = { given: { ...closing.schema, ...opensUnion(given, context) }, rewritten };
    return dispatch(union, this.#definitions);
  }

  /** Rewrites what is directly inside a schema: its parts, which speak of the same value, and what lies below. */
  #inner(schema: JsonObject, context: Context, inPlace: (part: JsonObject) => Context): JsonObject {
    const rewritten = mapChildren(schema, (child, pointer) => {
      if (!isObject(child)) return child;
      const [keyword = "", name] = segmentsOf(pointer);
      if (/^(?:not|if|contains|propertyNames)$/.test(keyword))
        return this.schema(child, { mode: "kept", companions: [] });
      if (/^(?:allOf|anyOf|oneOf|then|else|dependentSchemas)$/.test(keyword))
        return this.schema(child, inPlace(child));
      const member = keyword === "properties" ? name : undefined;
      const companions = companionsAt(context.companions, member, this.#definitions);
      return this.schema(child, { ...context, companions });
    });
    const name = referenceOf(schema);
    if (name === undefined) return rewritten;
    const target = objectAt(this.#definitions, name);
    return { ...rewritten, $ref: referenceTo(this.#variant(name, inPlace(target))) };
  }

  #variant(from: string, context: Context): string {
    const { mode, companions } = context;
    const key = `${from} ${mode} ${this.#keyOf(companions)}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = this.#variants.get(from) ?? 0;
    if (count > maxVariants && companions !== "any") return this.#variant(from, { mode, companions: "any" });
    // No name of a definition has a dot in it.
    const name = count === 0 ? from : `${from}.${count + 1}`;
    this.#names.set(key, name);
    this.#variants.set(from, count + 1);
    this.#waiting.push({ name, from, context: { mode, companions } });
    return name;
  }

  #keyOf(companions: Companions): string {
    if (companions === "any") return companions;
    return companions.map((companion) => this.#idOf(companion)).join();
  }

  #idOf(schema: JsonObject): number {
    const id = this.#ids.get(schema) ?? this.#ids.size;
    this.#ids.set(schema, id);
    return id;
  }
}

/** Beyond this a definition is taken for a part of something wherever it is used as a part. */
const maxVariants = 50;

function opensUnion(given: JsonObject, { mode }: Context): JsonObject {
  const isOpen = mode === "open" && given["x-open-union"] === true;
  return isOpen && schemasOf(given["oneOf"] ?? given["anyOf"]).length > 0 ? { "x-open-union": true } : {};
}
