import { parse, type AnyNode, type FunctionDeclaration, type VariableDeclarator } from "acorn";
import { digest } from "../digest.ts";
import { formatSymbol, runtimeSymbols } from "./runtime-symbols.ts";
import { editsOf, type Binding } from "./slim.ts";
import { edited, walk } from "./syntax.ts";

/** One constant of generated code. */
export interface Unit {
  readonly name: string;
  /** The right side of its declaration. */
  readonly value: string;
  /** Other units it needs. */
  readonly uses: ReadonlySet<string>;
  /** What it needs from the code all generated packages share. */
  readonly imports: ReadonlySet<string>;
}

/** Everything a compiled pool consists of, by name; a schema's function is called `check_` and the schema's name. */
export type Program = ReadonlyMap<string, Unit>;

/** What the function of a schema is called. */
export function checkName(schema: string): string {
  return `check_${schema}`;
}

/** Whether a unit is a schema's function. */
export function isCheck({ name }: Unit): boolean {
  return name.startsWith(checkName(""));
}

/**
 * Takes ajv's module apart into its functions and constants, and leaves out what nobody reads: places in the schema,
 * parents of values, whole schemas of which only a list is wanted. Throws when it meets something it does not know.
 */
export function readProgram(code: string): Program {
  return new Reading(code).units;
}

/** What the given units need, themselves included, in the order of the program; what nobody reaches is left out. */
export function reachable(program: Program, starts: readonly string[]): readonly Unit[] {
  const reached = new Set(starts);
  for (const name of reached) for (const next of program.get(name)?.uses ?? []) reached.add(next);
  return [...program.values()].filter(({ name }) => reached.has(name));
}

class Reading {
  readonly units = new Map<string, Unit>();
  readonly #code: string;
  readonly #bindings = new Map<string, Binding>();
  /** Function to what of a value it looks at, where ajv says so. */
  readonly #evaluated = new Map<string, AnyNode>();
  readonly #readsEvaluated: boolean;

  constructor(code: string) {
    this.#code = code;
    // ajv may write a function of a cycle twice, which a module would not stand.
    const { body } = parse(code, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowImportExportEverywhere: true,
    });
    this.#readsEvaluated = body.some(
      (node) =>
        node.type !== "ExpressionStatement" &&
        // Few functions do, and the text tells it sooner.
        code.slice(node.start, node.end).includes(".evaluated") &&
        readsEvaluated(node),
    );
    for (const node of body) this.#readExport(node);
    for (const node of body) this.#readEvaluated(node);
    const waiting = body.flatMap((node): readonly Declared[] => this.#declare(node));
    for (const { name, node } of waiting) this.#add(name, node);
  }

  #readExport(node: AnyNode): void {
    if (node.type !== "ExportNamedDeclaration" || node.declaration?.type !== "VariableDeclaration") return;
    for (const { id, init } of node.declaration.declarations)
      if (id.type === "Identifier" && init?.type === "Identifier")
        this.#bindings.set(init.name, { kind: "unit", name: checkName(id.name) });
  }

  #readEvaluated(node: AnyNode): void {
    if (node.type !== "ExpressionStatement" || node.expression.type !== "AssignmentExpression") return;
    const { left, right } = node.expression;
    if (left.type === "MemberExpression" && left.object.type === "Identifier")
      this.#evaluated.set(left.object.name, right);
  }

  /** Learns what a constant stands for; gives what is to become a unit. */
  #declare(node: AnyNode): readonly Declared[] {
    if (isNamed(node)) return [{ name: node.id.name, node }];
    if (node.type !== "VariableDeclaration") return [];
    return node.declarations.flatMap((declarator): readonly Declared[] => {
      if (declarator.id.type !== "Identifier") throw new Error("ajv declared something unexpected.");
      const { name } = declarator.id;
      const binding = this.#bindingOf(name, declarator);
      if (binding !== undefined) this.#bindings.set(name, binding);
      return binding === undefined ? [{ name, node: declarator }] : [];
    });
  }

  #bindingOf(name: string, { init }: VariableDeclarator): Binding | undefined {
    if (init?.type === "Identifier")
      return this.#bindings.get(init.name) ?? { kind: "symbol", name: init.name };
    const text = init ? this.#code.slice(init.start, init.end) : "";
    if (text === 'require("ajv/dist/runtime/ucs2length").default') return { kind: "length" };
    if (text === 'require("ajv/dist/runtime/equal").default') return { kind: "symbol", name: "isEqual" };
    if (/^schema\d+$/.test(name)) return { kind: "json", value: JSON.parse(text) };
    const format = /^formats(?:\.(\w+)|\["([^"]+)"\])$/.exec(text);
    if (format !== null) return { kind: "symbol", name: formatSymbol(format[1] ?? format[2] ?? "") };
    const wrapped = /^\{validate: (\w+)\}$/.exec(text)?.[1];
    const target = wrapped === undefined ? undefined : this.#bindings.get(wrapped);
    return target?.kind === "unit" ? { kind: "wrapper", name: target.name } : undefined;
  }

  #add(name: string, node: FunctionDeclaration | VariableDeclarator): void {
    const body = node.type === "FunctionDeclaration" ? node : node.init;
    if (!body) throw new Error("ajv declared something unexpected.");
    const found = editsOf(body, { code: this.#code, bindings: this.#bindings });
    for (const json of found.constants) this.units.set(json.name, { ...json, ...nothing });
    const text = edited(this.#code, body, found.edits);
    const evaluated = this.#readsEvaluated ? this.#evaluated.get(name) : undefined;
    const known = this.#bindings.get(name);
    const unit =
      known?.kind === "unit" ? known.name : `${name.replace(/\d+$/, "")}_${digest(text).slice(0, 10)}`;
    this.#bindings.set(name, { kind: "unit", name: unit });
    const symbols = [...found.uses].filter((use) => runtimeSymbols.has(use));
    this.units.set(unit, {
      name: unit,
      value: evaluated === undefined ? pure(body, text) : this.#withEvaluated(text, evaluated),
      uses: new Set([...found.uses].filter((use) => !runtimeSymbols.has(use) && use !== unit)),
      imports: new Set(symbols),
    });
  }

  /** In one expression: a statement beside it would keep a bundler from leaving both out. */
  #withEvaluated(text: string, { start, end }: AnyNode): string {
    return `/* @__PURE__ */ Object.assign(${text}, { evaluated: ${this.#code.slice(start, end)} })`;
  }
}

interface Declared {
  readonly name: string;
  readonly node: FunctionDeclaration | VariableDeclarator;
}

const nothing = { uses: new Set<string>(), imports: new Set<string>() };

/** Marked so that a bundler knows it may leave it out; for reading a member it only believes a call. */
function pure({ type }: AnyNode, text: string): string {
  if (type === "CallExpression" || type === "NewExpression") return `/* @__PURE__ */ ${text}`;
  return type === "MemberExpression" ? `/* @__PURE__ */ (() => ${text})()` : text;
}

function isNamed(node: AnyNode): node is FunctionDeclaration {
  return node.type === "FunctionDeclaration" && node.id !== null;
}

function readsEvaluated(node: AnyNode): boolean {
  let found = false;
  walk(node, (inner) => {
    found ||=
      inner.type === "MemberExpression" &&
      inner.property.type === "Identifier" &&
      inner.property.name === "evaluated";
    return found;
  });
  return found;
}
