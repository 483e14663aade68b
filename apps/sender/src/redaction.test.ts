import { contracts } from "@hooks/contracts/producer";
import { type Sink, startSink, until } from "@hooks/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { shownEnvelope } from "./redaction.ts";
import { startTestApi, type TestApi, type TestApiOptions } from "./test-support/api.ts";

const email = "very.secret@example.com";
const user = { ...example("user.created"), email, name: "Somebody Secret", birth_date: "1971-02-03" };
const userValues = [email, "Somebody Secret", "1971-02-03"];
const invoice = { ...example("invoice.paid"), customer: { id: "cus_9Z", email } };

function example(type: string) {
  // The contracts' own examples all have an object.
  const [data] = contracts.eventTypes[type]!.examples as readonly { readonly object: object }[];
  return data!.object;
}

let api: TestApi;
let sink: Sink;
let subscriber: string;

async function start(options?: TestApiOptions) {
  api = await startTestApi(options);
  sink = await startSink();
  subscriber = (await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } })).json.id;
}

const addEndpoint = (versions?: object) =>
  api.call("POST", "/v1/endpoints", { json: { subscriber, url: sink.url, schedule: [0], versions } });
const publish = async (type: string, data: object) =>
  (await api.call("POST", "/v1/events", { json: { type, data } })).json;
const ended = (event: string) =>
  until(async () => (await api.call("GET", `/v1/deliveries?event=${event}&state=dead`)).json.data[0]);

function expectNowhere(texts: readonly string[], values: readonly string[]): void {
  for (const text of texts) for (const value of values) expect(text).not.toContain(value);
}

describe("what a contract marks as sensitive", () => {
  afterEach(async () => {
    await api.close();
    await sink.close();
  });

  it("reaches the endpoint, and neither a log line nor an answer of the API", async () => {
    await start();
    await addEndpoint();
    sink.answerWith(({ body }) => ({ status: 500, body: body.toString() }));
    const { id } = await publish("user.created", { object: user });
    const delivery = await ended(id);
    expect(JSON.parse(sink.requests[0]!.body.toString()).data.object).toEqual(user);
    const event = await api.call("GET", `/v1/events/${id}`);
    expect(event.json.envelope).toMatchObject({ id, type: "user.created" });
    expect(event.json.envelope.data.object).toMatchObject({
      email: "[hidden]",
      name: "[hidden]",
      roles: ["admin", "billing"],
    });
    const whole = await api.call("GET", `/v1/deliveries/${delivery.id}`);
    expect(whole.json.attempts).toMatchObject([{ status: 500, response: "[hidden]" }]);
    const lists = await Promise.all(
      ["events", "deliveries", "dead-letters"].map((list) => api.call("GET", `/v1/${list}`)),
    );
    expect(api.log.some((line) => line.includes(delivery.id) && line.includes("attempt"))).toBe(true);
    expectNowhere([...api.log, event.text, whole.text, ...lists.map(({ text }) => text)], userValues);
  });

  it("is not told where it breaks the contract", async () => {
    await start();
    const wrong = { ...user, email: `${email} and more`, birth_date: "1971-02-03T00:00", name: 20_261_120 };
    const answer = await api.call("POST", "/v1/events", {
      json: { type: "user.created", data: { object: wrong } },
    });
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(["/data/object/email", "/data/object/name", "/data/object/birth_date"]),
    );
    expectNowhere([...api.log, answer.text], [...userValues, "20261120"]);
  });

  it("is not logged with what a migration throws of it", async () => {
    const migrate = ({ data }: { readonly data: unknown }) => {
      throw new Error(`Cannot convert\n    at ${email}:1:1 ${JSON.stringify(data)}`);
    };
    await start({ contracts: { ...contracts, migrate } });
    await addEndpoint({ "invoice.paid": "1" });
    const { id } = await publish("invoice.paid", { object: invoice });
    const delivery = await ended(id);
    const retried = await api.call("POST", `/v1/deliveries/${delivery.id}/retry`);
    expect(retried.json.code).toBe("not_renderable");
    const [line] = api.log.filter((one) => one.includes("event not rendered"));
    expect(JSON.parse(line ?? "").error).toMatchObject({ message: expect.stringContaining("is not shown") });
    expect(JSON.parse(line ?? "").error.stack).toContain("redaction.test");
    expectNowhere([...api.log, retried.text], [email]);
  });

  it("does not hide what an endpoint answers of its own", async () => {
    await start();
    await addEndpoint();
    sink.script([{ status: 500, body: "no room" }]);
    const { id } = await publish("user.created", { object: user });
    const whole = await api.call("GET", `/v1/deliveries/${(await ended(id)).id}`);
    expect(whole.json.attempts).toMatchObject([{ response: "no room" }]);
  });
});

describe("shownEnvelope", () => {
  const body = new TextEncoder().encode(JSON.stringify({ id: "evt_1", data: { object: user } }));
  const record = { id: "evt_1", source: "s", publishedAtMs: 1, body };

  it.each([
    ["type", { type: "no.such", version: "1.0.0" }],
    ["version", { type: "user.created", version: "9.0.0" }],
  ])("hides all data of a %s that the contracts no longer have", (_, what) => {
    expect(shownEnvelope({ ...record, ...what }, contracts)).toEqual({ id: "evt_1", data: "[hidden]" });
  });
});
