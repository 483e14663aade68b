import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(() => api.close());

describe("subscriberRoutes", () => {
  it("adds a subscriber that can be got", async () => {
    const made = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } });
    expect(made).toMatchObject({ status: 201, json: { name: "Acme" } });
    const got = await api.call("GET", `/v1/subscribers/${made.json.id}`);
    expect(got.json).toEqual(made.json);
    const none = await api.call("GET", "/v1/subscribers/sub_none");
    expect([none.status, none.json.code]).toEqual([404, "subscriber_not_found"]);
  });

  it("points at every fault at once, by kind and not by value", async () => {
    const { status, json } = await api.call("POST", "/v1/subscribers", {
      json: { name: 12, "a/b~c": "secret" },
    });
    expect([status, json.code]).toEqual([400, "validation_failed"]);
    expect(json.errors).toEqual([
      {
        pointer: "/a~1b~0c",
        code: "unknown_field",
        message: "There is no such member",
        expected: "no such member",
        received: "a member",
      },
      {
        pointer: "/name",
        code: "validation_failed",
        message: "Expected a string of 1 to 256 characters, got an integer",
        expected: "a string of 1 to 256 characters",
        received: "an integer",
      },
    ]);
  });

  it("says so when an unknown member is the only fault", async () => {
    const { status, json } = await api.call("POST", "/v1/subscribers", { json: { name: "Acme", nmae: 1 } });
    expect([status, json.code, json.errors[0].pointer]).toEqual([400, "unknown_field", "/nmae"]);
  });

  it.each([null, [], "Acme", 1, {}, { name: "" }, { name: null }])("refuses %j", async (json) => {
    const answer = await api.call("POST", "/v1/subscribers", { json });
    expect([answer.status, answer.json.code]).toEqual([400, "validation_failed"]);
  });

  it("answers a repetition under the same Idempotency-Key with the first one, and refuses another name", async () => {
    const headers = { "idempotency-key": "key-1" };
    const [one, other] = await Promise.all([
      api.call("POST", "/v1/subscribers", { json: { name: "Acme" }, headers }),
      api.call("POST", "/v1/subscribers", { json: { name: "Acme" }, headers }),
    ]);
    expect(one.json).toEqual(other.json);
    const conflict = await api.call("POST", "/v1/subscribers", { json: { name: "Umbrella" }, headers });
    expect([conflict.status, conflict.json.code]).toEqual([409, "idempotency_conflict"]);
  });

  it.each(["", "x".repeat(256), "with space", "umläut"])("refuses the Idempotency-Key %j", async (key) => {
    const headers = { "idempotency-key": Buffer.from(key).toString("latin1") };
    const { status, json } = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" }, headers });
    expect([status, json.code]).toEqual([400, "invalid_idempotency_key"]);
  });
});

describe("listPage", () => {
  it("gives every item once, in order, page by page", async () => {
    for (let index = 0; index < 7; index += 1)
      await api.call("POST", "/v1/subscribers", { json: { name: `s${index}` } });
    const names: string[] = [];
    let next: string | null = "";
    let pages = 0;
    while (next !== null) {
      const cursor: string = next === "" ? "" : `&cursor=${next}`;
      const { json } = await api.call("GET", `/v1/subscribers?limit=3${cursor}`);
      names.push(...json.data.map(({ name }: { name: string }) => name));
      next = json.next;
      pages += 1;
    }
    expect([names, pages]).toEqual([["s0", "s1", "s2", "s3", "s4", "s5", "s6"], 3]);
  });

  it("has no next page when the last one is full", async () => {
    await api.call("POST", "/v1/subscribers", { json: { name: "only" } });
    expect((await api.call("GET", "/v1/subscribers?limit=1")).json.next).toBeNull();
  });

  it("refuses a cursor with any character changed, of another list or of other filters", async () => {
    for (const name of ["a", "b"]) await api.call("POST", "/v1/subscribers", { json: { name } });
    const { next } = (await api.call("GET", "/v1/subscribers?limit=1")).json as { next: string };
    const changed = [...next].map(
      (old, index) => next.slice(0, index) + (old === "A" ? "B" : "A") + next.slice(index + 1),
    );
    const bad = [...changed.map((cursor) => `subscribers?cursor=${cursor}`), `endpoints?cursor=${next}`];
    bad.push(
      "subscribers?cursor=x",
      `subscribers?cursor=${next}A`,
      `endpoints?subscriber=sub_1&cursor=${next}`,
    );
    for (const path of bad) {
      const { status, json } = await api.call("GET", `/v1/${path}`);
      expect([path, status, json.code]).toEqual([path, 400, "invalid_cursor"]);
    }
  });

  it.each([
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=-1",
    "limit=",
    "limit=x",
    "limit=1&limit=2",
    "page=1",
    "cursor=",
    "__proto__=1",
  ])("refuses ?%s", async (query) => {
    const { status, json } = await api.call("GET", `/v1/subscribers?${query}`);
    expect([status, json.code]).toEqual([400, "invalid_query"]);
    expect(json.errors[0].pointer).toBe(`/${query.split("=")[0]}`);
    if (query === "page=1") expect(json.errors[0].expected).toBe("limit, cursor");
  });
});
