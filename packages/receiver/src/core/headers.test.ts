import { describe, expect, it } from "vitest";
import { keepHeaders } from "./headers.ts";

const received = {
  "Content-Type": "text/plain",
  "x-signed": "1",
  cookie: "c",
  host: "a.example",
  te: "trailers",
};

describe("keepHeaders", () => {
  it.each([
    ["Node.js", received],
    ["fetch", new Headers(received)],
  ])("keeps what every event keeps, and what its provider signs with (%s)", (_, headers) => {
    expect(keepHeaders(headers)).toEqual({ "content-type": "text/plain" });
    expect(keepHeaders(headers, ["x-signed"])).toEqual({ "content-type": "text/plain", "x-signed": "1" });
  });

  it("leaves behind what belongs to the connection, even where the provider signs it", () => {
    expect(keepHeaders(received, ["host", "te", "content-length"])).toEqual({ "content-type": "text/plain" });
  });
});
