/** The converters between two neighbouring majors of one contract. */
export interface Migration {
  readonly type: string;
  /** The newer major. */
  readonly from: number;
  /** The older major, `from - 1`. */
  readonly to: number;
  readonly down: (data: never) => unknown;
  readonly up: (data: never) => unknown;
}

export interface MigrateOptions {
  readonly type: string;
  readonly data: unknown;
  /** The major `data` follows. */
  readonly from: number;
  /** The major that is wanted. */
  readonly to: number;
}

/** `no_migration`: no chain of converters leads from the one major to the other. */
export type Migrated =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly code: "no_migration" };

/**
 * A converter along the chain of majors. It looks at no contract: `ok` says that there is a converter for every step,
 * and `data` is what they made. Of valid data they make valid data; of anything else they make something else, or throw,
 * so validate what comes from elsewhere first. From a major to itself, `data` comes back as it is, of any type.
 */
export function createMigrate(migrations: readonly Migration[]): (options: MigrateOptions) => Migrated {
  return ({ type, data, from, to }) => {
    let value = data;
    const step = Math.sign(to - from);
    for (let major = from; major !== to; major += step) {
      const newer = Math.max(major, major + step);
      const migration = migrations.find((row) => row.type === type && row.from === newer);
      if (migration === undefined) return { ok: false, code: "no_migration" };
      // The table knows types only by name; each converter is typed where it is written.
      value = (step < 0 ? migration.down : migration.up)(value as never);
    }
    return { ok: true, data: value };
  };
}
