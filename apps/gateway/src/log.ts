/** What the gateway logs to; pino is one. Fields are plain data; those that are `undefined` are left out. */
export interface Log {
  /** Everyday noise of the internet, which nobody keeps. */
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
