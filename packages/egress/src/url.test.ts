import { describe, expect, it } from "vitest";
import { parseAllowedCidrs } from "./address.ts";
import { checkUrl, createUrlCheck } from "./url.ts";

const strict = { ...parseAllowedCidrs([]), allowHttp: false };
const development = { ...parseAllowedCidrs(["127.0.0.0/8"]), allowHttp: true };
const codeOf = (url: string, policy = strict) => {
  const check = checkUrl(url, policy);
  return check.ok ? "ok" : check.code;
};

describe("checkUrl", () => {
  it.each([
    ["https://example.com/hooks", "ok"],
    ["https://example.com:8443/hooks?x=1", "ok"],
    ["https://8.8.8.8/", "ok"],
    ["", "invalid_url"],
    ["/hooks", "invalid_url"],
    ["https://", "invalid_url"],
    ["https:example.com/", "invalid_url"],
    ["https:/example.com/", "invalid_url"],
    ["https:\\\\example.com/", "invalid_url"],
    ["https://example.com\\@evil.example/", "invalid_url"],
    ["https://exam\nple.com/", "invalid_url"],
    ["https://example.com/a\tb", "invalid_url"],
    [" https://example.com/", "invalid_url"],
    ["https://example.com:65536/", "invalid_url"],
    ["https://[fe80::1%25lo]/", "invalid_url"],
    [`https://example.com/${"a".repeat(2_048)}`, "invalid_url"],
    ["ftp://example.com/", "invalid_url_scheme"],
    ["file:///etc/passwd", "invalid_url_scheme"],
    ["javascript:alert(1)", "invalid_url_scheme"],
    ["http://example.com/", "https_required"],
    ["https://user:secret@example.com/", "url_credentials_not_allowed"],
    ["HTTPS://EXAMPLE.COM?x", "ok"],
    ["https://example.com:1024/", "ok"],
    ["https://example.com:80/", "blocked_port"],
    ...[0, 22, 25, 53, 445, 1_023, 3_306, 5_432, 6_379, 11_211, 27_017].map((port): [string, string] => [
      `https://example.com:${port}/`,
      "blocked_port",
    ]),
    ["https://localhost/", "blocked_host"],
    ["https://db.internal/", "blocked_host"],
    ["https://printer.local./", "blocked_host"],
    ["https://intranet/", "blocked_host"],
    ["https://127.0.0.1/", "blocked_address"],
    ["https://2130706433/", "blocked_address"],
    ["https://0x7f.1/", "blocked_address"],
    ["https://0177.0.0.1/", "blocked_address"],
    ["https://127.1/", "blocked_address"],
    ["https://[::1]/", "blocked_address"],
    ["https://[::ffff:127.0.0.1]/", "blocked_address"],
    ["https://[fd00:ec2::254]/", "blocked_address"],
    ["https://１２７.0.0.1/", "blocked_address"],
    ["https://169.254.169.254/latest/meta-data", "blocked_address"],
  ])("judges %s as %s", (url, code) => expect(codeOf(url)).toBe(code));

  it("lets a developer reach the hosts that are allowed, and no others", () => {
    expect(codeOf("http://127.0.0.1:3000/events", development)).toBe("ok");
    expect(codeOf("http://localhost:3000/events", development)).toBe("ok");
    expect(codeOf("http://10.0.0.1:3000/events", development)).toBe("blocked_address");
    expect(codeOf("http://127.0.0.1:6379/", development)).toBe("blocked_port");
  });
});

describe("createUrlCheck", () => {
  it("judges as checkUrl does, and notices within a second that an address has become this machine's own", () => {
    let own = "";
    let nowMs = 0;
    const check = createUrlCheck({ ...strict, isOwn: (address) => address === own }, () => nowMs);
    expect(check("https://10.0.0.1/")).toMatchObject({ ok: false, code: "blocked_address" });
    expect(check("https://8.8.8.8/a").ok).toBe(true);
    own = "8.8.8.8";
    nowMs = 1_000;
    expect(check("https://8.8.8.8/a")).toMatchObject({ ok: false, code: "blocked_address" });
  });

  it("remembers no more than it has room for", () => {
    let judged = 0;
    const isOwn = () => (judged += 1) < 0;
    const check = createUrlCheck({ ...strict, isOwn }, () => 0);
    for (let count = 0; count < 2; count += 1) check("https://8.8.8.8/");
    expect(judged).toBe(1);
    for (let count = 0; count < 1_000; count += 1) check(`https://8.8.8.8/${count}`);
    check("https://8.8.8.8/");
    expect(judged).toBe(1_002);
  });
});
