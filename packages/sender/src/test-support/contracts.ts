import type { ContractInfo, Contracts } from "../contracts.ts";

/** Of one type: its versions, oldest first, each with what is special about its schema. */
export interface TypeForTest {
  readonly versions: Readonly<Record<string, object>>;
  /** Turns data of one major into data of another. Default: as it is. */
  readonly migrate?: (data: never, way: { readonly from: number; readonly to: number }) => unknown;
  readonly examples?: readonly unknown[];
}

/** Contracts in which data is valid when it has an `object` with an `id`, a text. */
export function contractsOf(types: Readonly<Record<string, TypeForTest>>): Contracts {
  const infoOf = ([type, { versions, examples = [] }]: readonly [string, TypeForTest]) => {
    const names = Object.keys(versions);
    const latest = names.at(-1) ?? "";
    const info = {
      type,
      latest,
      versions: names,
      group: "test",
      summary: type,
      trigger: type,
      lifecycle: "stable",
      payload: "full",
      schema: versions[latest],
      olderSchemas: Object.fromEntries(Object.entries(versions).filter(([version]) => version !== latest)),
      examples,
    } satisfies ContractInfo;
    return [type, info] as const;
  };
  const eventTypes = Object.fromEntries(Object.entries(types).map(infoOf));
  return {
    source: "test",
    eventTypes,
    validateEvent({ type, version, data }) {
      const { latest = "", versions = [] } = eventTypes[type] ?? {};
      const major = `${(version ?? latest).split(".")[0]}.`;
      const found = versions.findLast((known) => known.startsWith(major));
      if (found === undefined) return { ok: false, code: "unknown_version", issues: [] };
      const isValid = typeof (data as { object?: { id?: unknown } })?.object?.id === "string";
      return isValid ? { ok: true, version: found } : { ok: false, code: "schema_violation", issues: [] };
    },
    migrate({ type, data, from, to }) {
      const { migrate = (same: unknown) => same } = types[type] ?? {};
      // Each test says what its data is.
      return { ok: true, data: from === to ? data : migrate(data as never, { from, to }) };
    },
  };
}
