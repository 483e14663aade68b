import { request } from "undici";

/** An event as the sender's API takes it. */
export interface EventToPublish {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** The parts of the sender's HTTP API that the demo needs. Every call throws when the answer is not a success. */
export interface SenderApi {
  /** Makes a subscriber with one endpoint and gives the endpoint's secret. */
  subscribe(name: string, url: string): Promise<string>;
  publish(event: EventToPublish): Promise<void>;
  publishBatch(events: readonly EventToPublish[]): Promise<void>;
}

export function createSenderApi(url: string, apiKey: string): SenderApi {
  const post = async (path: string, json: object): Promise<Readonly<Record<string, unknown>>> => {
    const { statusCode, body } = await request(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(json),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`The sender answered POST ${path} with ${statusCode}: ${text}`);
    return JSON.parse(text);
  };
  return {
    subscribe: async (name, endpointUrl) => {
      const { id } = await post("/v1/subscribers", { name });
      const { secret } = await post("/v1/endpoints", { subscriber: id, url: endpointUrl });
      return String(secret);
    },
    publish: async (event) => {
      await post("/v1/events", event);
    },
    publishBatch: async (events) => {
      await post("/v1/events/batch", { events });
    },
  };
}
