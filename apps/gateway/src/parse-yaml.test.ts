import { describe, expect, it } from "vitest";
import { parse, YAMLParseError } from "yaml";
import { parseYaml } from "./parse-yaml.ts";

const faultOf = (read: (text: string) => unknown, text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    // Behind its first line is an excerpt, which nobody is shown.
    return [error.code, error.message.split("\n")[0]?.replace(/:$/, ""), error.linePos?.[0]];
  }
};

describe("parseYaml", () => {
  it.each([
    "sources:\n  a: {}\n  b: {}\n  a: {}\n",
    "sources:\n  a: { x: 1, y: 2, x: 3 }\n",
    "a: 1\nb: 2\n'a': 3\n",
    "1: a\n1.0: b\n",
    "a: [1, { b: 2, b: 3 }]\n",
  ])("refuses a key that is there twice as the parser itself does: %j", (text) => {
    const fault = faultOf(parseYaml, text);
    expect(fault).toEqual(faultOf(parse, text));
    expect(fault).toContain("DUPLICATE_KEY");
  });

  it.each(["a: [1\n", "a: 1\n---\na: 2\n", "a: { b: 1"])("refuses what is no document: %j", (text) => {
    expect(faultOf(parseYaml, text)).toEqual(faultOf(parse, text));
  });

  it.each(["", "a: &x { b: 1 }\nc: *x\nd: { b: 1 }\n", '1: 2\n"1": 3\n', "- 1\n- null\n"])(
    "reads all else as the parser does: %j",
    (text) => {
      expect(parseYaml(text)).toEqual(parse(text));
    },
  );
});
