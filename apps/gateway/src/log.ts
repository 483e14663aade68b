/** What the gateway logs to. Fields are plain data; those that are `undefined` are left out. */
export interface Log {
  /** Everyday noise of the internet, which nobody keeps. */
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LinesOptions {
  /** What every line says. Not empty. */
  readonly base: object;
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Logs a line of JSON each: level, time, base, fields, message. From `info` up. */
export function createLines({ base, write, clock }: LinesOptions): Log {
  const everyLine = membersOf(base);
  const timeOf = createTimes();
  const at = (level: string): Log["info"] => {
    const start = `{"level":"${level}","time":"`;
    return (fields, message) => {
      const own = membersOf(fields);
      const separator = own === "" ? "" : ",";
      write(`${start}${timeOf(clock())}",${everyLine}${separator}${own},"msg":${JSON.stringify(message)}}\n`);
    };
  };
  return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
}

function membersOf(fields: object): string {
  return JSON.stringify(fields).slice(1, -1);
}

/** Times as ISO 8601. Many lines share a millisecond. */
function createTimes(): (ms: number) => string {
  let last = Number.NaN;
  let text = "";
  return (ms) => {
    if (ms !== last) text = new Date(ms).toISOString();
    last = ms;
    return text;
  };
}
