import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  CallExpression,
  FunctionDeclaration,
  MemberExpression,
  ObjectExpression,
  Property,
} from "acorn";
import { isReference, walk, type Edit } from "./syntax.ts";
import { digest } from "../digest.ts";
import { planPattern } from "../pattern/pattern.ts";
import { runtimeSymbols } from "./runtime-symbols.ts";

/** What a top-level name of ajv's module stands for. */
export type Binding =
  | { readonly kind: "unit"; readonly name: string }
  | { readonly kind: "wrapper"; readonly name: string }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "length" }
  | { readonly kind: "json"; readonly value: unknown };

interface Context {
  readonly code: string;
  readonly bindings: ReadonlyMap<string, Binding>;
}

/** What is to be changed in a piece of ajv's code, and what the changed code needs. */
export interface Slimmed {
  readonly edits: readonly Edit[];
  readonly uses: ReadonlySet<string>;
  readonly constants: readonly { readonly name: string; readonly value: string }[];
}

/** Finds the edits that leave out what nobody reads, and give names that follow content. */
export function editsOf(node: AnyNode, context: Context): Slimmed {
  const slimming = new Slimming(context);
  walk(node, (inner, parent) => slimming.visit(inner, parent));
  return slimming;
}

class Slimming implements Slimmed {
  readonly edits: Edit[] = [];
  readonly uses = new Set<string>();
  readonly constants: { readonly name: string; readonly value: string }[] = [];
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** True where what is inside the node needs no further look. */
  visit(node: AnyNode, parent: AnyNode | undefined): boolean {
    switch (node.type) {
      case "FunctionDeclaration":
        this.#head(node);
        return false;
      case "ObjectExpression":
        return this.#object(node, parent);
      case "CallExpression":
        return this.#ownMember(node) || this.#pattern(node);
      case "BinaryExpression":
        return this.#length(node);
      case "MemberExpression":
        return this.#member(node);
      case "Identifier":
        if (isReference(node, parent)) this.#identifier(node.name, node);
        return false;
      default:
        return false;
    }
  }

  /** A function gets the value and where it stands; nobody asks for its parents. */
  #head({ id, params }: FunctionDeclaration | AnonymousFunctionDeclaration): void {
    const [, second] = params;
    if (id === null || second?.type !== "AssignmentPattern")
      throw new Error("ajv wrote a function of another form.");
    this.edits.push({ start: id.start, end: id.end, text: "" });
    this.edits.push({ start: second.start, end: second.end, text: 'instancePath = ""' });
  }

  #object(node: ObjectExpression, parent: AnyNode | undefined): boolean {
    const place = memberOf(node, "instancePath");
    if (place === undefined) return false;
    if (parent?.type === "CallExpression" && isArgument(parent, node)) {
      this.#replaceBy(node, place.value);
      return true;
    }
    const origin = memberOf(node, "schemaPath");
    if (origin !== undefined) this.#cut(origin, node);
    return false;
  }

  /** Only the inner expression stays, which may itself need changes. */
  #replaceBy(outer: AnyNode, inner: AnyNode): void {
    this.edits.push({ start: outer.start, end: inner.start, text: "" });
    this.edits.push({ start: inner.end, end: outer.end, text: "" });
    walk(inner, (node, parent) => this.visit(node, parent));
  }

  #cut(member: AnyNode, { properties }: ObjectExpression): void {
    const next = properties.find(({ start }) => start > member.start);
    const before = properties.findLast(({ end }) => end < member.start);
    const start = next === undefined && before !== undefined ? before.end : member.start;
    this.edits.push({ start, end: next?.start ?? member.end, text: "" });
  }

  /** Of a schema's `properties`, only the names are asked for. */
  #ownMember({ callee, arguments: [object, key], start, end }: CallExpression): boolean {
    const isCall =
      callee.type === "MemberExpression" &&
      callee.property.type === "Identifier" &&
      callee.property.name === "call";
    const path = object && isCall ? pathOf(object) : undefined;
    const binding = path && this.#context.bindings.get(path.root);
    if (path === undefined || binding?.kind !== "json" || key === undefined) return false;
    const names = JSON.stringify(Object.keys(path.keys.reduce<unknown>(memberAt, binding.value) ?? {}));
    const name = `names_${digest(names).slice(0, 10)}`;
    this.constants.push({ name, value: `/* @__PURE__ */ new Set(${names})` });
    this.uses.add(name);
    this.edits.push({ start, end, text: `${name}.has(${this.#text(key)})` });
    return true;
  }

  /** A pattern becomes what matches it in linear time. */
  #pattern({ callee, arguments: [given], start, end }: CallExpression): boolean {
    const binding = callee.type === "Identifier" ? this.#context.bindings.get(callee.name) : undefined;
    if (binding?.kind !== "symbol" || binding.name !== "compilePattern") return false;
    if (given?.type !== "Literal" || typeof given.value !== "string")
      throw new Error("ajv compiled a pattern that is not written out.");
    const plan = planPattern(given.value);
    const isNative = plan.kind === "native";
    if (!isNative) this.uses.add("createLinearPattern");
    const text = isNative
      ? `new RegExp(${JSON.stringify(plan.source)}, "u")`
      : `createLinearPattern(${JSON.stringify(plan.table)})`;
    this.edits.push({ start, end, text });
    return true;
  }

  /** Comparing a length seldom needs counting, so the comparison is handed over as a whole. */
  #length({ left, operator, right, start, end }: AnyNode & { readonly type: "BinaryExpression" }): boolean {
    if (left.type !== "CallExpression" || left.callee.type !== "Identifier") return false;
    if (this.#context.bindings.get(left.callee.name)?.kind !== "length") return false;
    const name = operator === ">" ? "isLonger" : "isShorter";
    const [text] = left.arguments;
    if (text === undefined || !/^[<>]$/.test(operator))
      throw new Error("ajv compared a length in another way.");
    this.uses.add(name);
    this.edits.push({ start, end, text: `${name}(${this.#text(text)}, ${this.#text(right)})` });
    return true;
  }

  #member(node: MemberExpression): boolean {
    const path = pathOf(node);
    const binding = path && this.#context.bindings.get(path.root);
    if (binding?.kind === "wrapper" && path?.keys.join() === "validate") {
      this.uses.add(binding.name);
      this.edits.push({ start: node.start, end: node.end, text: binding.name });
      return true;
    }
    if (path === undefined || binding?.kind !== "json") return false;
    this.#constant(path.keys.reduce<unknown>(memberAt, binding.value), node);
    return true;
  }

  #identifier(name: string, node: AnyNode): void {
    const binding = this.#context.bindings.get(name);
    if (binding === undefined) {
      if (runtimeSymbols.has(name)) this.uses.add(name);
      return;
    }
    if (binding.kind === "json") return this.#constant(binding.value, node);
    if (binding.kind === "length") throw new Error("ajv counted characters in another way.");
    this.uses.add(binding.name);
    this.edits.push({ start: node.start, end: node.end, text: binding.name });
  }

  #constant(value: unknown, { start, end }: AnyNode): void {
    const text = JSON.stringify(value);
    if (typeof value !== "object") return void this.edits.push({ start, end, text });
    const name = `values_${digest(text).slice(0, 10)}`;
    this.constants.push({ name, value: text });
    this.uses.add(name);
    this.edits.push({ start, end, text: name });
  }

  #text({ start, end }: AnyNode): string {
    return this.#context.code.slice(start, end);
  }
}

function memberOf(node: ObjectExpression, name: string): Property | undefined {
  return node.properties.find(
    (member): member is Property =>
      member.type === "Property" && member.key.type === "Identifier" && member.key.name === name,
  );
}

function isArgument({ arguments: given }: CallExpression, node: AnyNode): boolean {
  return given.some((argument) => argument === node);
}

interface Path {
  readonly root: string;
  readonly keys: readonly (string | number)[];
}

/** `a.b["c"][0]` as a root and keys; nothing where a key is not written out. */
function pathOf(node: AnyNode): Path | undefined {
  if (node.type === "Identifier") return { root: node.name, keys: [] };
  if (node.type !== "MemberExpression") return undefined;
  const before = pathOf(node.object);
  const key = keyOf(node);
  return before === undefined || key === undefined ? undefined : { ...before, keys: [...before.keys, key] };
}

function keyOf({ computed, property }: MemberExpression): string | number | undefined {
  if (!computed) return property.type === "Identifier" ? property.name : undefined;
  const value = property.type === "Literal" ? property.value : undefined;
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function memberAt(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key))
    throw new Error("ajv read what its schema does not have.");
  return (value as Readonly<Record<string | number, unknown>>)[key];
}
