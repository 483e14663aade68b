import { type CodeKeywordDefinition, type KeywordCxt, Name, _ } from "ajv";
import { not } from "ajv/dist/compile/codegen/index.js";
import { isUnique } from "./runtime/unique.ts";

/**
 * Keywords written anew; what they accept is what ajv's own accept. `anyOf` and `oneOf` report themselves and not every
 * fault of every branch: who sends a wrong value learns one thing, and the code is smaller. `uniqueItems` takes time
 * in proportion to the items, whatever they are.
 */
export const validatorKeywords: readonly CodeKeywordDefinition[] = [
  { keyword: "anyOf", schemaType: "array", trackErrors: true, code: anyOf },
  {
    keyword: "oneOf",
    schemaType: "array",
    trackErrors: true,
    error: { message: "", params: ({ params }) => _`{passingSchemas: ${params["passing"]}}` },
    code: oneOf,
  },
  { keyword: "uniqueItems", type: "array", schemaType: "boolean", code: uniqueItems },
];

function anyOf(cxt: KeywordCxt): void {
  const { gen } = cxt;
  const valid = gen.let("valid", false);
  const branchValid = gen.name("_valid");
  gen.block(() =>
    branchesOf(cxt).forEach((_branch, index) => {
      const branch = cxt.subschema(quiet("anyOf", index), branchValid);
      gen.assign(valid, _`${valid} || ${branchValid}`);
      // Where members are tracked for `unevaluatedProperties`, every branch has its say.
      if (!cxt.mergeValidEvaluated(branch, branchValid)) gen.if(not(valid));
    }),
  );
  report(cxt, valid);
}

function oneOf(cxt: KeywordCxt): void {
  const { gen } = cxt;
  if (cxt.parentSchema["discriminator"] !== undefined) return;
  const valid = gen.let("valid", false);
  const passing = gen.let("passing", null);
  const branchValid = gen.name("_valid");
  cxt.setParams({ passing });
  gen.block(() =>
    branchesOf(cxt).forEach((_branch, index) => {
      const branch = cxt.subschema(quiet("oneOf", index), branchValid);
      if (index > 0)
        gen
          .if(_`${branchValid} && ${valid}`)
          .assign(valid, false)
          .assign(passing, _`[${passing}, ${index}]`)
          .else();
      gen.if(branchValid, () => {
        gen.assign(valid, true);
        gen.assign(passing, index);
        cxt.mergeEvaluated(branch, Name);
      });
    }),
  );
  report(cxt, valid);
}

function uniqueItems(cxt: KeywordCxt): void {
  const check = cxt.gen.scopeValue("func", { ref: isUnique, code: _`isUnique` });
  cxt.pass(_`${check}(${cxt.data})`);
}

function report(cxt: KeywordCxt, valid: Name): void {
  cxt.result(
    valid,
    () => cxt.reset(),
    () => {
      cxt.reset();
      cxt.error(true);
    },
  );
}

/** A branch behind a reference reports into the shared list all the same; `reset` takes that back. */
function quiet(keyword: string, schemaProp: number) {
  return { keyword, schemaProp, compositeRule: true, createErrors: false, allErrors: false } as const;
}

function branchesOf({ schema }: KeywordCxt): readonly unknown[] {
  return schema as readonly unknown[];
}
