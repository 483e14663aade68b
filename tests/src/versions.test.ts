import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as contracts from "@hooks/contracts";
import * as migrations from "@hooks/contracts/migrations";
import { createReceiver, type NewestEventOf, type Receiver } from "@hooks/receiver";
import { createNodeHandler } from "@hooks/receiver/node";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, startSink, until } from "@hooks/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createContractsOverTime, deprecation } from "./system/contracts-over-time.ts";
import { callApi, patchApi, startSender } from "./system/sender.ts";

const secret = generateSecret();
let folder: ReturnType<typeof createTemporaryFolder>;
/** What the test has started; ended in the opposite order. */
let endings: (() => unknown)[];
beforeEach(() => {
  folder = createTemporaryFolder("hooks-versions");
  endings = [() => folder.remove()];
});
afterEach(async () => {
  for (const end of endings.toReversed()) await end();
});

interface Application {
  readonly url: string;
  readonly receiver: Receiver;
  readonly paid: readonly NewestEventOf<contracts.Event, "invoice.paid">[];
  readonly deprecated: readonly contracts.Event<"contract.deprecated">[];
  /** Of every request, in the order they came. */
  readonly headers: readonly IncomingHttpHeaders[];
}

/** An application that was written for version 2 of `invoice.paid`, and for no other. */
async function startApplication(): Promise<Application> {
  const inbox = createSqliteInbox({ path: join(folder.path, "inbox.db") });
  const paid: Application["paid"][number][] = [];
  const deprecated: Application["deprecated"][number][] = [];
  const headers: IncomingHttpHeaders[] = [];
  const receiver = createReceiver({
    sources: { billing: { provider: "standard-webhooks", secrets: [secret] } },
    inbox,
    contracts,
    migrations,
    report: () => {},
    handlers: {
      "invoice.paid": (event) => void paid.push(event),
      "contract.deprecated": (event) => void deprecated.push(event),
    },
  });
  receiver.start();
  const handle = createNodeHandler(receiver);
  const server = createServer((request, response) => {
    headers.push(request.headers);
    void handle(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  endings.push(
    () => inbox.close(),
    () => receiver.stop({ timeoutMs: 1_000 }),
    () => server.close().closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/billing`, receiver, paid, deprecated, headers };
}

interface TypeAnswer {
  readonly examples: readonly { readonly object: { readonly id: string } }[];
}

interface EndpointAnswer {
  readonly id: string;
  readonly versions: Readonly<Record<string, string>>;
}

interface DeliveryAnswer {
  readonly version: string;
  readonly endpoint: string;
  readonly state: string;
}

interface Published {
  readonly id: string;
  readonly deliveries: number;
}

it("shows what is behind a feature flag to endpoints with the flag only", async () => {
  const time = createContractsOverTime(join(folder.path, "schemas"));
  time.withFlags();
  const sink = await startSink();
  endings.push(() => sink.close());
  const sender = await startSender(`sqlite:${join(folder.path, "sender.db")}`, time.folder);
  endings.push(() => sender.app().kill());
  const { id: subscriber } = await callApi<{ id: string }>(sender.url, "/v1/subscribers", { name: "Acme" });
  const add = (path: string, more: object) =>
    callApi(sender.url, "/v1/endpoints", { subscriber, url: `${sink.url}${path}`, ...more });
  await add("/plain", {});
  await add("/beta", { featureFlags: ["beta"] });
  await add("/pinned", { featureFlags: ["beta"], versions: { "invoice.paid": "1" } });
  const exampleOf = async (type: string) =>
    (await callApi<TypeAnswer>(sender.url, `/v1/event-types/${type}`)).examples[0]!;
  const { object } = await exampleOf("invoice.paid");
  const paid = { type: "invoice.paid", data: { object: { ...object, note: "for the few" } } };
  expect(await callApi<Published>(sender.url, "/v1/events", paid)).toMatchObject({ deliveries: 3 });
  const requests = await sink.received(3);
  const notes = requests.map(({ path, body }) => [path, JSON.parse(body.toString()).data.object.note]);
  expect(Object.fromEntries(notes)).toEqual({
    "/plain": undefined,
    "/beta": "for the few",
    "/pinned": undefined,
  });
  const created = { type: "order.created", data: await exampleOf("order.created") };
  expect(await callApi<Published>(sender.url, "/v1/events", created)).toMatchObject({ deliveries: 2 });
});

it("carries an application through two majors of a contract, pinned, warned, raised, and parked where it is too old", async () => {
  const time = createContractsOverTime(join(folder.path, "schemas"));
  time.lastYear();
  const application = await startApplication();
  const sender = await startSender(`sqlite:${join(folder.path, "sender.db")}`, time.folder);
  endings.push(() => sender.app().kill());
  const { id: subscriber } = await callApi<{ id: string }>(sender.url, "/v1/subscribers", { name: "Acme" });
  const addEndpoint = () =>
    callApi<EndpointAnswer>(sender.url, "/v1/endpoints", { subscriber, url: application.url, secret });
  const publishExample = async () => {
    const { examples } = await callApi<TypeAnswer>(sender.url, "/v1/event-types/invoice.paid");
    const event = { type: "invoice.paid", data: examples[0] };
    return callApi<Published>(sender.url, "/v1/events", event);
  };
  const headersOf = (id: string) => application.headers.find((headers) => headers["webhook-id"] === id);

  const endpoint = await addEndpoint();
  expect(endpoint.versions["invoice.paid"]).toBe("1");
  const first = await publishExample();
  await until(() => application.paid.length === 1);
  expect(headersOf(first.id)?.["webhook-version"]).toBe("1.1.0");
  expect(headersOf(first.id)).not.toHaveProperty("deprecation");
  expect(application.paid[0]).toMatchObject({ id: first.id, version: "2.0.0" });
  expect(application.paid[0]?.data.object.total.currency).toMatch(/^[A-Z]{3}$/);

  await sender.app().kill();
  time.today();
  await sender.start();
  await until(() => application.deprecated.length === 1);
  expect(application.deprecated[0]?.data.object).toEqual({
    event_type: "invoice.paid",
    version: "1.1.1",
    ...deprecation,
    effective: "2026-06-01T00:00:00.000Z",
    removal: "2027-06-01T00:00:00.000Z",
  });
  const pinned = await publishExample();
  await until(() => application.paid.length === 2);
  expect(headersOf(pinned.id)).toMatchObject({
    "webhook-version": "1.1.1",
    deprecation: "@1780272000",
    sunset: "Tue, 01 Jun 2027 00:00:00 GMT",
    link: `<${deprecation.documentation}>; rel="deprecation", <${deprecation.documentation}>; rel="sunset"`,
  });
  expect(application.paid[1]).toMatchObject({ id: pinned.id, version: "2.0.0" });

  const change = { versions: { "invoice.paid": "2" } };
  const raised = await patchApi<EndpointAnswer>(sender.url, `/v1/endpoints/${endpoint.id}`, change);
  expect(raised.versions["invoice.paid"]).toBe("2");
  const direct = await publishExample();
  await until(() => application.paid.length === 3);
  expect(headersOf(direct.id)?.["webhook-version"]).toBe("2.0.0");
  expect(headersOf(direct.id)).not.toHaveProperty("deprecation");

  await sender.app().kill();
  time.nextYear();
  await sender.start();
  const young = await addEndpoint();
  expect(young.versions["invoice.paid"]).toBe("3");
  // The application takes an event once, so only one of its two endpoints is to be served.
  await callApi(sender.url, `/v1/endpoints/${endpoint.id}/pause`, {});
  const both = await publishExample();
  expect(both.deliveries).toBe(2);
  const delivered = `/v1/deliveries?event=${both.id}&state=delivered`;
  const parked = () => application.receiver.parked.list({ source: "billing", limit: 9 });
  await until(async () => (await parked()).length === 1);
  await until(
    async () => (await callApi<{ data: readonly object[] }>(sender.url, delivered)).data.length === 1,
  );
  expect(await parked()).toMatchObject([
    { eventId: both.id, reason: expect.stringContaining("version 3.0.0") },
  ]);
  expect(application.paid).toHaveLength(3);
  const { data: deliveries } = await callApi<{ data: readonly DeliveryAnswer[] }>(
    sender.url,
    `/v1/deliveries?event=${both.id}`,
  );
  expect(deliveries.toSorted((one, other) => (one.version < other.version ? -1 : 1))).toMatchObject([
    { endpoint: endpoint.id, version: "2.0.0", state: "scheduled" },
    { endpoint: young.id, version: "3.0.0", state: "delivered" },
  ]);
  expect(application.deprecated).toHaveLength(1);
});
