import { isObject, objectAt, pointerTo, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { children, descend } from "../schema.ts";

const annotation = "x-feature-flag";
const member = /^\/properties\/[^/]+$/;

/**
 * Checks that a contract holds without what it keeps behind feature flags: a flag stands at the root of a contract (the
 * event is withheld) or at a member that may be absent (the member is).
 */
export function lintFeatureFlags(
  file: string,
  schema: JsonObject,
  { isContract }: { readonly isContract: boolean },
): readonly Problem[] {
  const problem = (code: string, pointer: string, message: string): Problem => ({
    code,
    file,
    pointer,
    message,
  });
  const atRoot =
    isContract || schema[annotation] === undefined
      ? []
      : [
          problem(
            "misplaced_feature_flag",
            `/${annotation}`,
            "A shared shape has no feature flag of its own.",
          ),
        ];
  const inside = descend(schema).flatMap(({ pointer, schema: parent }) => {
    const required = Array.isArray(parent["required"]) ? parent["required"] : [];
    const names = Object.entries(objectAt(parent, "properties")).flatMap(([name, value]) =>
      isObject(value) && value[annotation] !== undefined ? [name] : [],
    );
    const misplaced = children(parent).filter(
      (child) => child.schema[annotation] !== undefined && !member.test(child.pointer),
    );
    return [
      ...misplaced.map((child) =>
        problem(
          "misplaced_feature_flag",
          `${pointer}${child.pointer}/${annotation}`,
          "A feature flag stands at the root of a contract or at a member.",
        ),
      ),
      ...names
        .filter((name) => required.includes(name))
        .map((name) =>
          problem(
            "flagged_required",
            `${pointer}${pointerTo("/properties", name)}/${annotation}`,
            `${name} is required, so it cannot be withheld.`,
          ),
        ),
      ...(names.length > 0 && parent["minProperties"] !== undefined
        ? [
            problem(
              "flagged_required",
              `${pointer}/minProperties`,
              "With members behind feature flags there may be fewer.",
            ),
          ]
        : []),
    ];
  });
  return [...atRoot, ...inside];
}
