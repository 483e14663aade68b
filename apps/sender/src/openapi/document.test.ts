import type { Sender } from "@hooks/sender";
import { contracts } from "@hooks/contracts/producer";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { createMetrics } from "../metrics.ts";
import { createLimit } from "../rate-limit.ts";
import { startTestApi } from "../test-support/api.ts";
import { document, routes } from "../test-support/check-answer.ts";

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** What express really serves, in the words of OpenAPI. */
function servedOperations(): readonly string[] {
  const limit = createLimit({ name: "any", points: 1, windowSeconds: 1 });
  const app = createApp({
    sender: { contracts } as unknown as Sender,
    metrics: createMetrics(),
    adminKey: "",
    requests: limit,
    failures: limit,
    log: pino({ enabled: false }),
    isOpen: () => true,
  });
  const layers = app.router.stack as unknown as readonly Layer[];
  return layers.flatMap(({ route }) => {
    const methods = Object.keys(route?.methods ?? {});
    // What refuses every method that a path does not have takes all of them.
    if (methods.length > 1) return [];
    return methods.map((method) => `${method} ${route?.path.replaceAll(/:(\w+)/g, "{$1}")}`);
  });
}

function describedOperations(): readonly string[] {
  const paths = document["paths"] as Readonly<Record<string, object>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
}

describe("createDocument", () => {
  it("describes every route that the app serves, and no other", () => {
    expect(describedOperations().toSorted()).toEqual(servedOperations().toSorted());
    expect(describedOperations().length).toBeGreaterThan(25);
  });

  it("gives each operation a name of its own", () => {
    const names = routes.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it("refers only to what it defines", () => {
    const text = JSON.stringify(document);
    const { schemas } = document["components"] as { schemas: Readonly<Record<string, unknown>> };
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name ?? "");
    expect(named.filter((name) => !Object.hasOwn(schemas, name))).toEqual([]);
    expect(Object.keys(schemas).filter((name) => !named.includes(name))).toEqual([]);
  });

  it("names the parameters of each path", () => {
    const paths = document["paths"] as Readonly<
      Record<string, Readonly<Record<string, { parameters: readonly { name: string; in: string }[] }>>>
    >;
    for (const [path, methods] of Object.entries(paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(methods))
        expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(wanted);
    }
  });

  it("says which operations take an Idempotency-Key, and that others refuse it", () => {
    const takers = routes.filter(({ isIdempotent }) => isIdempotent).map(({ operationId }) => operationId);
    expect(takers.toSorted()).toEqual([
      "createEndpoint",
      "createReplay",
      "createSubscriber",
      "disableEndpoint",
      "enableEndpoint",
      "pauseEndpoint",
      "publishEvent",
      "publishEvents",
      "recoverEndpoint",
      "resumeEndpoint",
    ]);
    const { paths } = document as { paths: Record<string, { post?: { responses: object } }> };
    const posts = Object.values(paths).flatMap(({ post }) => (post === undefined ? [] : [post]));
    for (const { responses } of posts) expect(JSON.stringify(responses)).toContain("invalid_idempotency_key");
    expect(JSON.stringify(document["info"])).toContain("invalid_idempotency_key");
  });

  it("is served", async () => {
    const api = await startTestApi();
    expect((await api.call("GET", "/v1/openapi.json")).json).toEqual(JSON.parse(JSON.stringify(document)));
    await api.close();
  });
});
