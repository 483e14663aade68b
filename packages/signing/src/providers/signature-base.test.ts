import type { InnerList } from "structured-headers";
import * as library from "structured-headers";
import { describe, expect, it } from "vitest";
import { parseMessageKey } from "./message-key.ts";
import { type SignedRequest, signatureBase } from "./signature-base.ts";

/** The request of RFC 9421, appendix B.2. */
const request: SignedRequest = {
  method: "POST",
  url: "https://example.com/foo?param=Value&Pet=dog",
  headers: {
    Host: "example.com",
    Date: "Tue, 20 Apr 2021 02:07:55 GMT",
    "Content-Type": "application/json",
    "Content-Length": "18",
  },
};
const row = { name: "RFC 9421", secret: "base64" } as const;

function baseOf(input: string, of: SignedRequest = request): string | undefined {
  const [member] = library.parseDictionary(`sig=${input}`).values();
  // The inputs below are inner lists.
  return signatureBase({ library, request: of }, member as InnerList);
}

function valueOf(component: string, of: SignedRequest): string | undefined {
  return baseOf(`(${component})`, of)?.split("\n")[0]?.slice(`${component}: `.length);
}

function isSigned(base: string | undefined, { secret, signature }: { secret: string; signature: string }) {
  const bytes = Uint8Array.from(Buffer.from(signature, "base64"));
  return parseMessageKey(secret, row).verify(new TextEncoder().encode(base), bytes.buffer);
}

describe("signatureBase, with the vectors of RFC 9421", () => {
  it("makes the base of B.2.5 (hmac-sha256)", async () => {
    const base = baseOf('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"');
    expect(base).toBe(
      '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n"content-type": application/json\n' +
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    );
    const secret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
    expect(await isSigned(base, { secret, signature: "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=" })).toBe(
      true,
    );
  });

  it("makes the base of B.2.6 (ed25519)", async () => {
    const base = baseOf(
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    );
    const secret =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----";
    const signature =
      "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    expect(await isSigned(base, { secret, signature })).toBe(true);
  });

  it("verifies the signature of B.2.4 (ecdsa-p256-sha256, a response, whose base is given)", async () => {
    const contentDigest =
      "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:";
    const base =
      `"@status": 200\n"content-type": application/json\n"content-digest": ${contentDigest}\n"content-length": 23\n` +
      '"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"';
    const secret =
      "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\n" +
      "w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n-----END PUBLIC KEY-----";
    const signature =
      "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
    expect(await isSigned(base, { secret, signature })).toBe(true);
  });

  it("derives components as section 2.2 does", () => {
    const of: SignedRequest = {
      method: "get",
      headers: {},
      url: "HTTPS://WWW.Example.com:443/path/to?param=value&foo=bar",
    };
    expect(valueOf('"@method"', of)).toBe("GET");
    expect(valueOf('"@target-uri"', of)).toBe("https://www.example.com/path/to?param=value&foo=bar");
    expect(valueOf('"@authority"', of)).toBe("www.example.com");
    expect(valueOf('"@scheme"', of)).toBe("https");
    expect(valueOf('"@request-target"', of)).toBe("/path/to?param=value&foo=bar");
    expect(valueOf('"@path"', of)).toBe("/path/to");
    expect(valueOf('"@query"', of)).toBe("?param=value&foo=bar");
    const bare = { ...of, url: "http://example.com:8080" };
    expect(valueOf('"@authority"', bare)).toBe("example.com:8080");
    expect(valueOf('"@path"', bare)).toBe("/");
    expect(valueOf('"@query"', bare)).toBe("?");
  });

  it("decodes and encodes query parameters as section 2.2.8 does", () => {
    const of: SignedRequest = {
      headers: {},
      url: "https://www.example.com/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something",
    };
    expect(valueOf('"@query-param";name="var"', of)).toBe("this%20is%20a%20big%0Amultiline%20value");
    expect(valueOf('"@query-param";name="bar"', of)).toBe("with%20plus%20whitespace");
    expect(valueOf('"@query-param";name="fa%C3%A7ade%22%3A%20"', of)).toBe("something");
  });

  it("joins and trims fields as section 2.1 does, and takes members of dictionaries", () => {
    const of: SignedRequest = {
      headers: {
        "Cache-Control": ["max-age=60", "   must-revalidate"],
        "x-empty-header": "",
        "example-dict": "  a=1,    b=2;x=1;y=2,   c=(a   b   c), d  ",
      },
    };
    expect(valueOf('"cache-control"', of)).toBe("max-age=60, must-revalidate");
    expect(valueOf('"x-empty-header"', of)).toBe("");
    expect(valueOf('"example-dict";key="a"', of)).toBe("1");
    expect(valueOf('"example-dict";key="b"', of)).toBe("2;x=1;y=2");
    expect(valueOf('"example-dict";key="c"', of)).toBe("(a b c)");
    expect(valueOf('"example-dict";key="d"', of)).toBe("?1");
  });
});

describe("signatureBase", () => {
  it.each([
    ['("x-missing")', "is not there"],
    ['("date" "date")', "is there twice"],
    ['("Date")', "has capitals"],
    ["(date)", "is no string"],
    ['("@status")', "is of responses"],
    ['("@signature-params")', "is the base itself"],
    ['("date";req)', "is of another message"],
    ['("date";tr)', "is a trailer"],
    ['("content-type";sf)', "has to be parsed by its type"],
    ['("@method";key="a")', "has a parameter that is not its own"],
    ['("@query-param")', "names no parameter"],
    ['("@query-param";name="nope")', "names a parameter that is not there"],
  ])("is nothing for %s, which %s", (input) => {
    expect(baseOf(input)).toBeUndefined();
  });

  it("is nothing for a value that could pass for another line, or is not ASCII", () => {
    for (const date of ['x\n"@method": POST', "x\r", "caf\u00e9"]) {
      expect(baseOf('("date")', { ...request, headers: { date } })).toBeUndefined();
    }
    expect(baseOf('("@query-param";name="a")', { headers: {}, url: "https://a/?a=1&a=2" })).toBeUndefined();
    expect(baseOf('("@path")', { headers: {} })).toBeUndefined();
  });
});
