import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const schemas = fileURLToPath(new URL("../../../schemas", import.meta.url));

/** `schemas/` of this repository, of which one contract, `invoice.paid`, is moved through time. */
export interface ContractsOverTime {
  readonly folder: string;
  /** Version 1.1.0 is the newest. */
  lastYear(): void;
  /** Version 2 is the newest, with a migration to version 1, which is deprecated by its release 1.1.1. */
  today(): void;
  /** Version 3 is the newest and says the same as version 2. */
  nextYear(): void;
  /** Today, with `order.created` and the member `note` of `invoice.paid` behind the flag `beta`. */
  withFlags(): void;
}

export const deprecation = {
  effective: "2026-06-01T00:00:00Z",
  removal: "2027-06-01T00:00:00Z",
  alternative: "2.0.0",
  documentation: "https://docs.example.com/events/invoice.paid",
};

export function createContractsOverTime(folder: string): ContractsOverTime {
  const at = (...path: readonly string[]) => join(folder, ...path);
  const invoice = (...path: readonly string[]) => at("invoice.paid", ...path);
  const begin = () => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(schemas, folder, { recursive: true });
    // Only what validation needs: the past has no invalid examples.
    const config = { ...readJson(at("hooks.schemas.json")), lint: "relaxed" };
    writeJson(at("hooks.schemas.json"), config);
    rmSync(at("catalog.lock.json"), { force: true });
  };
  const withFlag = { "x-feature-flag": ["beta"] };
  const today = () => {
    begin();
    const deprecated = {
      ...withVersion(readJson(invoice("versions/1.1.0.json")), "1.1.1"),
      "x-lifecycle": "deprecated",
      "x-deprecation": deprecation,
    };
    writeJson(invoice("versions/1.1.1.json"), deprecated);
  };
  return {
    folder,
    lastYear() {
      begin();
      const { examples, ...schema } = readJson(invoice("versions/1.1.0.json"));
      rmSync(invoice(), { recursive: true });
      mkdirSync(invoice("examples"), { recursive: true });
      writeJson(invoice("schema.json"), schema);
      // A released contract carries its examples.
      for (const [index, example] of (examples as readonly unknown[]).entries())
        writeJson(invoice(`examples/${index}.json`), example);
    },
    today,
    withFlags() {
      today();
      writeJson(at("order.created/schema.json"), {
        ...readJson(at("order.created/schema.json")),
        ...withFlag,
      });
      const schema = readJson(invoice("schema.json")) as unknown as InvoiceSchema;
      schema.$defs.invoice.properties["note"] = { type: "string", maxLength: 100, ...withFlag };
      writeJson(invoice("schema.json"), schema);
    },
    nextYear() {
      today();
      writeJson(invoice("schema.json"), withVersion(readJson(invoice("schema.json")), "3.0.0"));
      const same = "export const down = (data: unknown) => data;\nexport const up = down;\n";
      writeFileSync(invoice("migrations/v3-v2.ts"), same);
    },
  };
}

interface InvoiceSchema {
  readonly $defs: { readonly invoice: { readonly properties: Record<string, object> } };
}

type Schema = Readonly<Record<string, unknown>>;

function withVersion(schema: Schema, version: string): Schema {
  return { ...schema, "x-event": { ...(schema["x-event"] as object), version } };
}

function readJson(path: string): Schema {
  return JSON.parse(readFileSync(path, "utf8")) as Schema;
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}
