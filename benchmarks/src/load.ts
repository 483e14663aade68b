import { Pool } from "undici";
import type { Backlog } from "./drain.ts";
import { envelope } from "./payload.ts";
import { keyOf, signAsGitHub, signBare, textKeyOf } from "./peers/sign-bare.ts";

export interface LoadOptions {
  /** Where all requests go. */
  readonly url: string;
  readonly secret: string;
  readonly scheme: Scheme;
  /** What every answer must be. Default 202. */
  readonly status?: number | undefined;
  /** Of each body. */
  readonly bytes: number;
  /** Requests under way, each on a socket of its own. Default 64. */
  readonly connections?: number;
}

/** Whose signatures the requests bear. */
export type Scheme = keyof typeof schemes;

const schemes = {
  "standard-webhooks": { readKey: keyOf, sign: signBare },
  github: { readKey: textKeyOf, sign: signAsGitHub },
} as const;

/** Requests as a webhook sender makes them. Another answer than the expected one is a failure. */
export interface Load extends Backlog {
  stop(): Promise<void>;
}

interface Signed {
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** Makes load: requests are signed beforehand, each with an id of its own, and sent as fast as they are answered. */
export function createLoad(options: LoadOptions): Load {
  const { url, secret, scheme, status: expected = 202, bytes, connections = 64 } = options;
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const key = schemes[scheme].readKey(secret);
  let requests: Signed[] = [];
  let made = 0;

  const sign = (): Signed => {
    const id = `evt_${String(made++).padStart(26, "0")}`;
    const body = envelope(id, bytes);
    const headers = { ...schemes[scheme].sign(key, { id, body }), "content-type": "application/json" };
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
          onResponseEnd: () =>
            status === expected ? resolve() : reject(new Error(`${url} answered ${status}`)),
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
