import { importsOf, isShipped, type SourceFile } from "./source-file.ts";

/** Which names of a module open connections to others; `*` for all. */
const openers: Readonly<Record<string, readonly string[] | "*">> = {
  undici: "*",
  "node:http": ["request", "get", "Agent", "ClientRequest"],
  "node:https": "*",
  "node:http2": ["connect"],
  "node:net": ["connect", "createConnection", "Socket"],
  "node:tls": ["connect", "TLSSocket"],
  "node:dgram": "*",
};

/** Shipped code that could send a request without the egress guard. */
export function faultsOfOutgoing(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => isShipped(path) && !path.startsWith("packages/egress/"))
    .flatMap((file) => [...forbiddenImports(file), ...globalFetch(file)]);
}

function forbiddenImports(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap(({ specifier, names, isType }) => {
    const opening = openers[specifier];
    if (opening === undefined || isType) return [];
    // Without names the whole module is taken.
    const taken = names.length === 0 || opening === "*" || names.some((name) => opening.includes(name));
    return taken ? [`${file.path} takes ${names.join(", ") || "everything"} from ${specifier}`] : [];
  });
}

function globalFetch({ path, text }: SourceFile): readonly string[] {
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  return /(?<![.\w$#])fetch\s*\(|\bglobalThis\.(?:fetch|WebSocket|EventSource)\b|new (?:WebSocket|EventSource)\b/.test(
    code,
  )
    ? [`${path} uses fetch or a socket of the platform`]
    : [];
}
