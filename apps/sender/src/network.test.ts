import { describe, expect, it } from "vitest";
import { describeNetwork } from "./network.ts";

describe("describeNetwork", () => {
  it("has nothing to say where only public https addresses are reached", () => {
    expect(describeNetwork({ allowCidrs: [], allowHttp: false, proxyUrl: undefined })).toEqual([]);
  });

  it("names what is allowed, and no password", () => {
    const proxyUrl = "http://me:secret@proxy.internal:4750";
    expect(
      describeNetwork({ allowCidrs: ["10.0.0.0/8", "127.0.0.1:80"], allowHttp: true, proxyUrl }),
    ).toEqual([
      "endpoints may be reached in 10.0.0.0/8, 127.0.0.1:80",
      "endpoints may be reached over plain HTTP",
      "endpoints are reached through proxy.internal:4750, which has to refuse private addresses",
    ]);
  });
});
