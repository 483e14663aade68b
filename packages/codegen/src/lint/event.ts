import { isObject, objectAt, pointerTo, type Json, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { LintLevel } from "../project.ts";
import { formats } from "../formats.ts";
import { eventMembers } from "./keywords.ts";

const dataMembers = ["object", "previous", "resource_url"];

/**
 * Checks what makes a schema a contract: `x-event`, and `data` of the shape `{ object, previous?, resource_url? }`.
 * `relaxed`: `x-event` and any member of it may be missing, and `data` may be of any shape.
 */
export function lintEvent(file: string, schema: JsonObject, level: LintLevel): readonly Problem[] {
  return [
    ...lintEventAnnotation(file, schema, level),
    ...(level === "strict" ? lintData(file, schema) : []),
    ...lintDeprecation(file, schema),
  ];
}

function lintEventAnnotation(file: string, schema: JsonObject, level: LintLevel): readonly Problem[] {
  const event = schema["x-event"];
  if (event === undefined && level === "relaxed") return [];
  if (!isObject(event))
    return [{ code: "missing_event", file, pointer: "", message: "A contract needs x-event." }];
  const problem = (name: string, message: string): Problem => ({
    code: "invalid_annotation",
    file,
    pointer: pointerTo("/x-event", name),
    message,
  });
  const unknown = Object.keys(event).filter((name) => !Object.hasOwn(eventMembers, name));
  const wrong = Object.entries(eventMembers).filter(([name, rule]) =>
    event[name] === undefined ? level === "strict" : !rule.accepts(event[name]),
  );
  return [
    ...unknown.map((name) => problem(name, `x-event has no member ${name}.`)),
    ...wrong.map(([name, rule]) => problem(name, `${name} must be ${rule.expected}.`)),
  ];
}

function lintData(file: string, schema: JsonObject): readonly Problem[] {
  const properties = objectAt(schema, "properties");
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const problem = (pointer: string, message: string): Problem => ({
    code: "data_shape",
    file,
    pointer,
    message,
  });
  const strange = Object.keys(properties).filter((name) => !dataMembers.includes(name));
  const isThin = objectAt(schema, "x-event")["payload"] === "thin";
  return [
    ...strange.map((name) =>
      problem(pointerTo("/properties", name), `data has ${dataMembers.join(", ")} and nothing else.`),
    ),
    ...(required.includes("object") ? [] : [problem("/required", "data.object is required.")]),
    ...(isThin && !required.includes("resource_url")
      ? [problem("/required", "A thin event requires data.resource_url.")]
      : []),
  ];
}

function lintDeprecation(file: string, schema: JsonObject): readonly Problem[] {
  const isDeprecated = schema["x-lifecycle"] === "deprecated";
  const deprecation = schema["x-deprecation"];
  if (isObject(deprecation)) return lintDates({ file, pointer: "/x-deprecation" }, deprecation);
  if (!isDeprecated) return [];
  const message = "A deprecated contract says until when and what instead, in x-deprecation.";
  return [{ code: "missing_deprecation", file, pointer: "/x-lifecycle", message }];
}

/** Deliveries say from when and until when, so it has to be known. */
export function lintDates(
  { file, pointer }: Pick<Problem, "file" | "pointer">,
  { effective, removal }: JsonObject,
): readonly Problem[] {
  const problem = (name: string, message: string): Problem => ({
    code: "invalid_deprecation",
    file,
    pointer: pointerTo(pointer, name),
    message,
  });
  const [from, until] = [effective, removal].map(timeOf);
  const isEarly = from !== undefined && until !== undefined && until < from;
  return [
    ...(from === undefined ? [problem("effective", `effective must be ${dateExpected}.`)] : []),
    ...(removal !== undefined && until === undefined
      ? [problem("removal", `removal must be ${dateExpected}.`)]
      : []),
    ...(isEarly ? [problem("removal", "removal must not be before effective.")] : []),
  ];
}

const dateExpected = "a date or date-time such as 2027-01-31T00:00:00Z";

function timeOf(value: Json | undefined): number | undefined {
  if (typeof value !== "string") return undefined;
  const isDate = ["date", "date-time"].some((format) => formats[format]?.(value) === true);
  return isDate ? Date.parse(value) : undefined;
}
