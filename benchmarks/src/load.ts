import { Pool } from "undici";
import type { Backlog } from "./drain.ts";
import { envelope } from "./payload.ts";
import { keyOf, signBare } from "./peers/sign-bare.ts";

export interface LoadOptions {
  /** Where all requests go. */
  readonly url: string;
  readonly secret: string;
  /** Of each body. */
  readonly bytes: number;
  /** Requests under way, each on a socket of its own. Default 64. */
  readonly connections?: number;
}

/** Requests as a webhook sender makes them; anything but 202 is a failure. */
export interface Load extends Backlog {
  stop(): Promise<void>;
}

interface Signed {
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** Makes load: requests are signed beforehand, each with an id of its own, and sent as fast as they are answered. */
export function createLoad({ url, secret, bytes, connections = 64 }: LoadOptions): Load {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const key = keyOf(secret);
  let requests: Signed[] = [];
  let made = 0;

  const sign = (): Signed => {
    const id = `evt_${String(made++).padStart(26, "0")}`;
    const body = envelope(id, bytes);
    const headers = { ...signBare(key, { id, body }), "content-type": "application/json" };
    return { headers: Object.entries(headers).flat(), body };
  };
  const send = ({ headers, body }: Signed) =>
    new Promise<void>((resolve, reject) => {
      let status = 0;
      pool.dispatch(
        { path, method: "POST", headers, body },
        {
          onRequestStart() {},
          onResponseStart: (_, statusCode) => {
            status = statusCode;
          },
          onResponseData() {},
          onResponseEnd: () => (status === 202 ? resolve() : reject(new Error(`${url} answered ${status}`))),
          onResponseError: (_, error) => reject(error),
        },
      );
    });
  const run = async () => {
    for (let next = requests.pop(); next !== undefined; next = requests.pop()) await send(next);
  };
  return {
    prepare: async (count) => {
      requests = Array.from({ length: count }, sign);
    },
    drain: async () => {
      await Promise.all(Array.from({ length: connections }, run));
    },
    stop: () => pool.destroy(),
  };
}
