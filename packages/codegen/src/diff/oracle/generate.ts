import { isObject, pointerTo, segmentsOf, type Json, type JsonObject } from "../../json.ts";
import { elementAt } from "../elements.ts";
import { memberOf, namesOf, patternsOf, restOf } from "../members.ts";
import { shapeOf } from "../normalise.ts";
import type { Shape } from "../shape.ts";
import { wholeOf, type Conjunction } from "../source.ts";
import { withBranch } from "../with-branch.ts";
import { unnamed } from "./names.ts";
import { scalars } from "./scalars.ts";

/** What a payload should contain. */
export interface Wish {
  /** Pointer of a schema that the payload should have a value for. */
  readonly target: string;
  /** The value to stand there; without one, whatever fits. */
  readonly value?: Json;
}

export interface Options {
  readonly wish?: Wish;
  /** 0 to 1; without it everything is as small as it can be. */
  readonly dice?: () => number;
}

/** A value, and where in it the wish was granted: a JSON Pointer. */
export interface Generated {
  readonly value: Json;
  /** How many values it took, those inside each other included. */
  readonly effort: number;
  readonly reached?: string;
  /** What stands at the place. */
  readonly at?: Json;
  /** The schemas the wish was about. */
  readonly met?: Conjunction;
  /** The innermost value around it that has alternatives: why it was refused may be told of any of them. */
  readonly around?: string;
}

/** Optional members end here, and so does what goes on for ever. */
const [optionalDepth, maxDepth] = [6, 40];

/** A payload of more values than this is not made. */
const maxEffort = 50_000;

/** Makes values that a writer may send. They are likely to be valid, which is for a validator to say. */
export class Generator {
  readonly #root: JsonObject;
  readonly #wish: Wish | undefined;
  readonly #dice: (() => number) | undefined;
  readonly #path: string[] = [];
  #effort = 0;
  #around: string | undefined;
  #reached: { readonly at: string; readonly met: Conjunction } | undefined;

  constructor(root: JsonObject, { wish, dice }: Options) {
    this.#root = root;
    this.#wish = wish;
    this.#dice = dice;
  }

  /** Nothing when a value cannot be made. */
  payload(): Generated | undefined {
    const value = this.#value(wholeOf(this.#root));
    if (value === undefined || (this.#wish !== undefined && this.#reached === undefined)) return undefined;
    const made = { value, effort: this.#effort + weightOf(this.#wish?.value) };
    if (this.#reached === undefined) return made;
    const around = this.#around === undefined ? {} : { around: this.#around };
    const at = valueAt(value, this.#reached.at);
    return {
      ...made,
      ...(at === undefined ? {} : { at }),
      reached: this.#reached.at,
      met: this.#reached.met,
      ...around,
    };
  }

  /** A value for a schema inside the contract. */
  valueOf(sources: Conjunction): Json | undefined {
    return this.#value(sources);
  }

  #value(sources: Conjunction): Json | undefined {
    this.#effort += 1;
    if (this.#path.length > maxDepth || this.#effort > maxEffort) return undefined;
    if (this.#wish !== undefined && sources.some(({ pointer }) => pointer === this.#wish?.target)) {
      this.#reached ??= { at: this.#path.reduce<string>(pointerTo, ""), met: sources };
      if (this.#wish.value !== undefined) return this.#wish.value;
    }
    const shape = shapeOf(this.#root, sources);
    const [union] = shape.unions;
    if (union !== undefined) {
      const leading = union.branches.find((branch) => this.#leads(branch));
      if (leading !== undefined) this.#around = this.#path.reduce<string>(pointerTo, "");
      const branch = leading ?? this.#pick(union.branches) ?? sources;
      return this.#value(withBranch(union, branch, sources));
    }
    return this.#ofShape(shape);
  }

  #inside(name: string, sources: Conjunction): Json | undefined {
    this.#path.push(name);
    const value = this.#value(sources);
    this.#path.pop();
    return value;
  }

  #ofShape(shape: Shape): Json | undefined {
    const isLed = this.#isLedInside(shape);
    if (isLed !== "object" && shape.kinds.has("array") && (isLed === "array" || !shape.kinds.has("object")))
      return this.#array(shape);
    if (isLed === "object") return this.#object(shape);
    if (shape.nullable && (shape.kinds.size === 0 || this.#chance(0.3))) return null;
    const listed = shape.written === undefined ? undefined : this.#pick([...shape.written.values()]);
    if (listed !== undefined) return listed;
    if (shape.kinds.has("object")) return this.#object(shape);
    return this.#pick(scalars(shape));
  }

  #object(shape: Shape): Json | undefined {
    const members: [string, Json][] = [];
    for (const name of namesOf(shape)) {
      const member = memberOf(shape, name, "writer");
      const isRequired = shape.required.has(name);
      if (member === "never" && isRequired) return undefined;
      if (member === "never") continue;
      const isLed = this.#leads(member);
      if (!isRequired && !isLed && (this.#path.length > optionalDepth || !this.#chance(0.5))) continue;
      const value = this.#inside(name, member);
      if (value !== undefined) members.push([name, value]);
      else if (isRequired) return undefined;
    }
    members.push(...this.#others(shape, members.length));
    return Object.fromEntries(members);
  }

  /** Members without a name of their own. */
  #others(shape: Shape, count: number): readonly [string, Json][] {
    const rest = restOf(shape, "writer");
    const least = shape.bounds.get("members.min")?.value ?? 0;
    const wanted = Math.min(
      Math.max(least - count, rest !== "never" && (this.#leads(rest) || this.#chance(0.3)) ? 1 : 0),
      20,
    );
    const found: [string, Json][] = [];
    for (let index = 0; index < wanted; index++) {
      if (rest === "never") break;
      const name = `key_${index + 1}`;
      const value = this.#inside(name, rest);
      if (value !== undefined) found.push([name, value]);
    }
    if (patternsOf(shape).size === 0) return found;
    for (const name of unnamed(shape)) {
      const sources = memberOf(shape, name, "writer");
      if (sources === "never" || !(this.#leads(sources) || this.#chance(0.3))) continue;
      const value = this.#inside(name, sources);
      if (value !== undefined) found.push([name, value]);
    }
    return found;
  }

  #array(shape: Shape): Json | undefined {
    const least = shape.bounds.get("items.min")?.value ?? 0;
    const most = shape.bounds.get("items.max")?.value ?? Number.POSITIVE_INFINITY;
    const led = shape.arrays.flatMap(({ prefix, rest }) => [
      ...prefix.flatMap((sources, index) => (this.#leads(sources) ? [index + 1] : [])),
      ...(this.#leads(rest) ? [prefix.length + 1] : []),
    ]);
    const count = Math.min(Math.max(least, ...led, this.#chance(0.5) ? 2 : 0), most, 50);
    const elements: Json[] = [];
    for (let index = 0; index < count; index++) {
      const sources = elementAt(shape, index);
      const value = this.#inside(String(index), sources);
      if (value === undefined) return index < least ? undefined : elements;
      elements.push(value);
    }
    return elements;
  }

  #isLedInside(shape: Shape): "object" | "array" | undefined {
    if (this.#wish === undefined || this.#reached !== undefined) return undefined;
    const members = shape.objects.flatMap(({ properties, patterns, additional }) => [
      ...properties.values(),
      ...patterns.values(),
      ...(typeof additional === "object" ? [additional] : []),
    ]);
    if (members.some((sources) => this.#leads(sources))) return "object";
    const elements = shape.arrays.flatMap(({ prefix, rest }) => [...prefix, rest]);
    return elements.some((sources) => this.#leads(sources)) ? "array" : undefined;
  }

  /** Whether the wish is to be granted at a place or inside it. */
  #leads(sources: Conjunction): boolean {
    const target = this.#wish?.target;
    return (
      target !== undefined &&
      sources.some(
        ({ pointer, settles }) =>
          settles === undefined && (target === pointer || target.startsWith(`${pointer}/`)),
      )
    );
  }

  #chance(probability: number): boolean {
    return this.#dice !== undefined && this.#dice() < probability;
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[this.#dice === undefined ? 0 : Math.floor(this.#dice() * values.length)];
  }
}

function valueAt(value: Json, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const name of segmentsOf(pointer)) {
    if (Array.isArray(found)) found = (found as readonly Json[])[Number(name)];
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** How many values something large stands for. */
function weightOf(value: Json | undefined): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === "string" ? Math.floor(value.length / 100) : 0;
}
