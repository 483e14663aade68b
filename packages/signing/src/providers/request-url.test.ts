import { describe, expect, it } from "vitest";
import { hubspotUrl, parseRequestUrl, queryValues, splitRest } from "./request-url.ts";

const values = (text: string, name: string) => queryValues(parseRequestUrl(text)!, name);

describe("parseRequestUrl", () => {
  it("splits without changing a character of host, path and query", () => {
    expect(parseRequestUrl("HTTPS://Example.com:443/a%2fb/../c?x='y'&z=é".replace("é", "%C3"))).toEqual({
      scheme: "https",
      host: "Example.com",
      port: ":443",
      rest: "/a%2fb/../c?x='y'&z=%C3",
    });
    expect(parseRequestUrl("http://[::1]:80?q")).toMatchObject({ host: "[::1]", port: ":80", rest: "?q" });
  });

  it("refuses what is no absolute http URL, or has credentials, a fragment or raw bytes", () => {
    const texts = [
      "",
      "/path",
      "ftp://a/",
      "https://",
      "https://u:p@a/",
      "https://a/#b",
      "https://a/é",
      "https://a/ b",
    ];
    for (const text of [...texts, undefined, "https://a/\n", `https://a/${"b".repeat(8192)}`]) {
      expect(parseRequestUrl(text), text?.slice(0, 20)).toBeUndefined();
    }
  });
});

describe("queryValues", () => {
  it("decodes every value of a parameter", () => {
    expect(values("https://a/?data.id=A%20b+c&x=1&data%2Eid", "data.id")).toEqual(["A b c", ""]);
    expect(values("https://a/", "x")).toEqual([]);
  });

  it("gives nothing for a query that cannot be decoded", () => {
    expect(values("https://a/?x=1&y=%FF", "y")).toBeUndefined();
    expect(values("https://a/?%=1", "x")).toBeUndefined();
  });
});

describe("splitRest", () => {
  it("keeps the question mark with the query", () => {
    expect(splitRest(parseRequestUrl("https://a/b?c?d")!)).toEqual({ path: "/b", query: "?c?d" });
    expect(splitRest(parseRequestUrl("https://a")!)).toEqual({ path: "", query: "" });
  });
});

describe("hubspotUrl", () => {
  it("decodes the twelve characters of the documentation and no other", () => {
    const codes = "%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B";
    expect(hubspotUrl(`https://a/${codes}?x=${codes.toLowerCase()}%20%26%25%3D%252F`)).toBe(
      "https://a/:/?@!$'()*,;?x=:/?@!$'()*,;%20%26%25%3D%252F",
    );
  });
});
