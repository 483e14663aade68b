type GetBuiltinModule = typeof globalThis.process.getBuiltinModule;

/** A module of Node.js, asked for when it is needed, so that this package can be loaded where there is none. */
export const nodeModule = ((name: string) =>
  (globalThis as Partial<Pick<typeof globalThis, "process">>).process?.getBuiltinModule?.(
    name,
  )) as GetBuiltinModule;
