// A fresh process: makes one validator ready for all schemas, judges one payload, prints the milliseconds it took.
import { readFileSync } from "node:fs";
import { createChecks, type Dialect, type Validator } from "./contracts-validators.ts";

interface Start {
  readonly generated: string;
  readonly dialect: Dialect;
  readonly payload: { readonly type: string; readonly data: unknown };
}

const [validator = "", file = "", schemasFile] = process.argv.slice(2);
// The bench wrote all of them.
const { payload, ...start } = JSON.parse(readFileSync(file, "utf8")) as Start;
const schemas =
  schemasFile === undefined
    ? {}
    : (JSON.parse(readFileSync(schemasFile, "utf8")) as Readonly<Record<string, unknown>>);
const before = performance.now();
const checks = await createChecks[validator as Validator]({ ...start, schemas });
const verdict = checks.get(payload.type)?.(payload.data);
const ms = performance.now() - before;
if (verdict !== true) throw new Error(`${validator} refused a valid payload`);
console.log(ms);
