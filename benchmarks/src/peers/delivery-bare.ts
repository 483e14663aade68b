// The limit: requests made and signed as fast as undici can, with nothing recorded.
import { type Dispatcher, request } from "undici";
import { envelope } from "../payload.ts";
import { createAgent, deliveryPeer, type DeliverySettings } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { keyOf, signBare } from "./sign-bare.ts";

interface Settings extends DeliverySettings {
  /** `request` is what people call; `dispatch` is what it is made of. */
  readonly through: "request" | "dispatch";
}

type Send = (url: URL, headers: Record<string, string>, body: Buffer) => Promise<number>;

runPeer<Settings>((settings) => {
  const { secret, bytes, concurrency, through } = settings;
  const key = keyOf(secret);
  const urls = settings.urls.map((url) => new URL(url));
  const dispatcher = createAgent();
  const send: Send = through === "request" ? sendByRequest(dispatcher) : sendByDispatch(dispatcher);
  const body = envelope("evt_0".padEnd(30, "0"), bytes);

  const deliver = async (index: number) => {
    const id = `evt_${String(index).padStart(26, "0")}`;
    const headers = {
      ...signBare(key, { id, body }),
      "content-type": "application/json",
      "user-agent": "bench",
    };
    const status = await send(urls[index % urls.length] as URL, headers, body);
    if (status >= 300) throw new Error(`Got status ${status}`);
  };

  let waiting = 0;
  const run = async () => {
    while (waiting > 0) await deliver(--waiting);
  };
  return deliveryPeer(
    {
      prepare: async (count) => {
        waiting = count;
      },
      drain: async () => {
        await Promise.all(Array.from({ length: concurrency }, run));
      },
    },
    settings,
  );
});

function sendByRequest(dispatcher: Dispatcher): Send {
  return async (url, headers, body) => {
    const answer = await request(url, { method: "POST", dispatcher, headers, body });
    await answer.body.dump();
    return answer.statusCode;
  };
}

function sendByDispatch(dispatcher: Dispatcher): Send {
  return (url, headers, body) =>
    new Promise((resolve, reject) => {
      let status = 0;
      dispatcher.dispatch(
        { origin: url.origin, path: url.pathname, method: "POST", headers, body },
        {
          onRequestStart() {},
          onResponseStart: (_, statusCode) => {
            status = statusCode;
          },
          onResponseData() {},
          onResponseEnd: () => resolve(status),
          onResponseError: (_, error) => reject(error),
        },
      );
    });
}
