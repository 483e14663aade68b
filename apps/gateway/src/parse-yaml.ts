import { isScalar, LineCounter, parseDocument, visit, YAMLParseError, type YAMLMap } from "yaml";

/**
 * Reads one document, and throws also where YAML would leave out a part of a text, as it does with one that begins with !.
 * That keys are there once is checked here: the parser compares each key of a mapping with all before it,
 * which takes seconds for 10,000 sources.
 *
 * @throws YAMLError for the first fault.
 */
export function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw fault;
  visit(document, { Map: (_, mapping) => refuseRepeated(mapping, lineCounter) });
  return document.toJS();
}

function refuseRepeated(mapping: YAMLMap, lineCounter: LineCounter): void {
  const known = new Set<unknown>();
  for (const { key } of mapping.items) {
    if (!isScalar(key)) continue;
    if (known.has(key.value)) {
      const [start = 0, end = start] = key.range ?? [];
      const { line, col } = lineCounter.linePos(start);
      const message = `Map keys must be unique at line ${line}, column ${col}`;
      const error = new YAMLParseError([start, end], "DUPLICATE_KEY", message);
      error.linePos = [{ line, col }];
      throw error;
    }
    known.add(key.value);
  }
}
