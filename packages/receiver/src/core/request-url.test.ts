import { describe, expect, it } from "vitest";
import { requestUrl, type RequestUrlOptions } from "./request-url.ts";

const origin = { address: undefined, scheme: undefined, host: undefined };
const urlOf = (given: Partial<RequestUrlOptions>) =>
  requestUrl({
    url: "/in/shop?b=2&a=%3A",
    headers: { host: "internal:4100" },
    origin,
    publicUrl: undefined,
    isEncrypted: false,
    ...given,
  });

describe("requestUrl", () => {
  it("is what the operator says it is, and keeps the path as it came", () => {
    expect(urlOf({ publicUrl: "https://hooks.example.com" })).toBe(
      "https://hooks.example.com/in/shop?b=2&a=%3A",
    );
    const absolute = "http://internal:4100/in/shop";
    expect(urlOf({ url: absolute, publicUrl: "https://a.example/edge" })).toBe(
      "https://a.example/edge/in/shop",
    );
  });

  it("is what our proxies say", () => {
    const forwarded = { ...origin, scheme: "https", host: "hooks.example.com" };
    expect(urlOf({ origin: forwarded })).toBe("https://hooks.example.com/in/shop?b=2&a=%3A");
    expect(urlOf({ origin: forwarded, url: "http://internal/in/shop" })).toBe(
      "https://hooks.example.com/in/shop",
    );
  });

  it("is what the request says where nobody else does", () => {
    expect(urlOf({})).toBe("http://internal:4100/in/shop?b=2&a=%3A");
    expect(urlOf({ isEncrypted: true })).toBe("https://internal:4100/in/shop?b=2&a=%3A");
    expect(urlOf({ url: "https://edge.example/a?b" })).toBe("https://edge.example/a?b");
    expect(urlOf({ url: undefined })).toBeUndefined();
  });
});
