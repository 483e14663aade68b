import { segmentsOf } from "../json.ts";

const naming = new Set(["properties", "patternProperties"]);
const counting = new Set(["allOf", "anyOf", "oneOf"]);

/** Words a pointer into a schema as a place in the payload: `order.lines[].price`. */
export function whereOf(pointer: string): string {
  const segments = segmentsOf(pointer);
  let where = "";
  for (let index = 0; index < segments.length; index++) {
    const [keyword = "", name = ""] = [segments[index], segments[index + 1]];
    if (naming.has(keyword) && index + 1 < segments.length) {
      where += keyword === "properties" ? `${where === "" ? "" : "."}${name}` : `.<${name}>`;
      index += 1;
    } else if (keyword === "prefixItems") {
      where += `[${name}]`;
      index += 1;
    } else if (keyword === "items") where += "[]";
    else if (keyword === "additionalProperties" && index + 1 < segments.length) where += ".*";
    else if (counting.has(keyword)) index += 1;
  }
  return where === "" ? "the payload" : where;
}
