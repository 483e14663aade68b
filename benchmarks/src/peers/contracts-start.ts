// A fresh process: makes one validator ready for all schemas, judges one payload, prints the milliseconds it took.
import { readFileSync } from "node:fs";
import { createChecks, type Validator, type ValidatorInput } from "./contracts-validators.ts";

interface Start {
  readonly input: ValidatorInput;
  readonly payload: { readonly type: string; readonly data: unknown };
}

const [validator = "", file = ""] = process.argv.slice(2);
const start = JSON.parse(readFileSync(file, "utf8")) as Start;
const before = performance.now();
// The bench wrote both arguments.
const checks = await createChecks[validator as Validator](start.input);
const verdict = checks.get(start.payload.type)?.(start.payload.data);
const ms = performance.now() - before;
if (verdict !== true) throw new Error(`${validator} refused a valid payload`);
console.log(ms);
