import { EventEmitter, once } from "node:events";
import { connect, type NatsConnection } from "@nats-io/transport-node";

export interface NatsConnectionOptions {
  /** `nats://HOST:PORT` or `tls://…`, several separated by commas. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long connecting may take, and how long work waits for a connection that was lost. */
  readonly timeoutMs: number;
}

/** A connection to NATS that is made when it is first wanted, and again whenever it was lost. */
export interface ReliableConnection {
  /**
   * Does `work`. What was under way when the connection was lost is done again as soon as there is one: an answer would
   * not come any more. Rejects when there is none in time, and when `work` does.
   */
  use<T>(work: (connection: NatsConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function connectNats(options: NatsConnectionOptions): ReliableConnection {
  const { timeoutMs } = options;
  let opening: Promise<Line> | undefined;
  const open = () => {
    opening = openLine(options);
    const forget = () => void (opening = undefined);
    // It comes back by itself, but not where the server refuses it.
    opening.then(({ connection }) => connection.closed()).then(forget, forget);
    return opening;
  };
  return {
    use: async (work) => {
      const untilMs = performance.now() + timeoutMs;
      for (;;) {
        const line = await (opening ?? open());
        await comeBack(line, untilMs - performance.now());
        const done = await unlessLost(line, work(line.connection));
        if (done !== "lost") return done.result;
      }
    },
    close: async () => {
      const line = await opening?.catch(() => undefined);
      await line?.connection.close();
    },
  };
}

interface Line {
  readonly connection: NatsConnection;
  isThere: boolean;
  /** `lost` and `back`. */
  readonly changes: EventEmitter;
}

async function openLine({ url, token, timeoutMs }: NatsConnectionOptions): Promise<Line> {
  const connection = await connect({
    servers: url.split(","),
    name: "hooks-destination",
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreClusterUpdates: true,
    ...(token === undefined ? {} : { token }),
  });
  const line = { connection, isThere: true, changes: new EventEmitter().setMaxListeners(0) };
  void watch(line);
  return line;
}

async function watch(line: Line): Promise<void> {
  for await (const { type } of line.connection.status()) {
    // Also said of each try to connect again that failed.
    if (type === "disconnect") tell(line, { isThere: false });
    if (type === "reconnect" || type === "close") tell(line, { isThere: true });
  }
}

function tell(line: Line, { isThere }: Pick<Line, "isThere">): void {
  line.isThere = isThere;
  line.changes.emit(isThere ? "back" : "lost");
}

async function comeBack(line: Line, withinMs: number): Promise<void> {
  if (line.isThere && withinMs > 0) return;
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(withinMs)));
  await once(line.changes, "back", { signal }).catch((cause: unknown) => {
    throw new Error("there is no connection", { cause });
  });
}

async function unlessLost<T>({ changes }: Line, work: Promise<T>): Promise<{ readonly result: T } | "lost"> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly result: T } | "lost">();
  const lose = () => resolve("lost");
  changes.once("lost", lose);
  work.then((result) => resolve({ result }), reject);
  return promise.finally(() => changes.off("lost", lose));
}
