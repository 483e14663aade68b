import type { ContractIssue } from "./issue.ts";
import type { Migrated, MigrateOptions } from "./migrate.ts";

/** All contracts of a package, as a sender uses them. */
export interface Contracts {
  /** Name of the package, such as `@acme/events`. */
  readonly name: string;
  /** The `source` of events that bring none. */
  readonly source: string;
  readonly eventTypes: Readonly<Record<string, ContractInfo>>;
  /** Validates `data` against the closed contract of its type; without a version, the newest. */
  validateEvent(event: EventToValidate): ContractValidation;
  /** Converts valid `data` between majors of its contract; whether it is valid is not asked. */
  migrate(options: MigrateOptions): Migrated;
}

export interface EventToValidate {
  readonly type: string;
  /** One of the contract's `versions`. */
  readonly version?: string | undefined;
  readonly data: unknown;
}

/** What is known about one event type. */
export interface ContractInfo {
  readonly type: string;
  /** The version new events get. */
  readonly latest: string;
  /** Every version there is, oldest first. */
  readonly versions: readonly string[];
  readonly group: string;
  readonly summary: string;
  /** When the event happens. */
  readonly trigger: string;
  /** `alpha`, `beta`, `stable`, `deprecated` or `archived`. */
  readonly lifecycle: string;
  /** Whether `data.object` is the whole resource, or a receiver fetches it from `data.resource_url`. */
  readonly payload: "full" | "thin";
  /** JSON Schema (2020-12) of `data`, with everything it refers to inside. */
  readonly schema: unknown;
  /** Version to schema, of every version but the latest. */
  readonly olderSchemas: Readonly<Record<string, unknown>>;
  /** Each a `data` that can be published as it is. */
  readonly examples: readonly unknown[];
}

/** `version` is the newest of the major that was asked for: what the data was validated as. */
export type ContractValidation =
  | { readonly ok: true; readonly version: string }
  | {
      readonly ok: false;
      readonly code: "unknown_event_type" | "unknown_version" | "schema_violation";
      readonly issues: readonly ContractIssue[];
    };
