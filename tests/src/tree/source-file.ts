/** A tracked file: its path from the root, with `/`, and what is in it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A workspace package: its folder from the root and its package.json. */
export interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** One import: the names it takes as they are (none for a whole module), and whether only types are taken. */
export interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
  readonly isType: boolean;
}

const statement =
  /^(?:import|export)\s+(type\s+)?(?:([\w$*\s{},]*?)\s*from\s*)?["']([^"'\n]+)["'](?:\s+with\s|;|$)/gm;
const dynamic = /\bimport\(\s*["']([^"']+)["']/g;

/** The imports and re-exports of a TypeScript file. */
export function importsOf({ text }: SourceFile): readonly Import[] {
  const statements = Array.from(text.matchAll(statement), ([, type, clause = "", specifier = ""]) => ({
    specifier,
    isType: type !== undefined,
    names: namesOf(clause),
  }));
  const calls = Array.from(text.matchAll(dynamic), ([, specifier = ""]) => ({
    specifier,
    isType: false,
    names: [],
  }));
  return [...statements, ...calls];
}

/** Without those taken as types. */
function namesOf(clause: string): readonly string[] {
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  return braces
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(/\s+as\s+/)[0] ?? "");
}

/** Whether users get to run it: sources of packages and apps, without their tests and what tests need. */
export function isShipped(path: string): boolean {
  return (
    /^(?:packages|apps)\/[^/]+\/src\/.*\.ts$/.test(path) &&
    !path.startsWith("packages/testkit/") &&
    !/\.test\.ts$|\/(?:test-support|proof)\/|(?:^|\/)conformance(?:\.ts|\/)/.test(path)
  );
}
