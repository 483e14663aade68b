import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { generateTestHeaders } from "@hooks/signing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere, type Surroundings } from "../test-support/run-here.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-verify-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const secret = "correct horse battery staple";
const hex = (key: string | Buffer, body: string | Buffer) =>
  createHmac("sha256", key).update(body).digest("hex");
const sent = '{"a":"é","list":[1.0,2],"url":"https://example.com/x?a=1&b=<2>"}';

interface Github {
  /** What was signed, and with which key. */
  readonly signed?: string | Buffer;
  readonly key?: string | Buffer;
  /** What arrived. */
  readonly body?: string | Buffer;
  readonly secret?: string;
  readonly headers?: readonly string[];
}

/** Verifies a request in GitHub's scheme, with what happened to it on its way. */
const github = async (request: Github, ...more: readonly string[]) => {
  const { signed = sent, key = secret, body = signed, secret: given = secret } = request;
  const signature = `X-Hub-Signature-256: sha256=${hex(key, signed)}`;
  const headers = request.headers ?? [signature, "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958"];
  const args = headers.flatMap((header) => ["--header", header]);
  const where: Surroundings = { input: Buffer.from(body), folder };
  return runHere(
    ["verify", "--provider", "github", `--secret=${given}`, ...args, "--body", "@-", ...more],
    where,
  );
};

const causeOf = async (request: Github) => {
  const { exit, stdout } = await github(request, "--explain", "--json");
  expect(exit).toBe(1);
  return JSON.parse(stdout).explanation;
};

const whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const standard = (headers: object, ...more: readonly string[]) => {
  const args = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  return runHere(["verify", "--provider", "standard-webhooks", ...args, "--body", sent, ...more]);
};

describe("hooks verify", () => {
  it("says yes with 0, and what the event is", async () => {
    const headers = generateTestHeaders({ id: "evt_1", body: sent, secret: whsec, timestamp: 1_700_000_000 });
    const args = ["--secret", whsec, "--now", "1700000010"];
    expect(await standard(headers, ...args)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^valid: id evt_1, .*signed 2023-11-14T22:13:20.000Z, secret 1/),
      stderr: "",
    });
    const { exit, stdout } = await standard(headers, ...args, "--json");
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      event: { provider: "standard-webhooks", id: "evt_1", timestamp: 1_700_000_000 },
      keyIndex: 0,
      covered: "signature",
    });
  });

  it("says no with 1 and the reason, as the library does", async () => {
    const { exit, stdout } = await github({ body: `${sent} ` }, "--json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      reason: "no_matching_key",
      hint: expect.any(String),
    });
  });

  it.each([
    [["--provider", "githb", "--secret", "x"], /There is no provider "githb". Did you mean github\?/],
    [["--provider", "github"], /--secret SECRET is missing/],
    [["--secret", "x"], /--provider ID is missing/],
    [["--provider", "github", "--secret", "x", "--header", "nonsense"], /Expected --header "name: value"/],
    [["--provider", "github", "--secret", "x", "--now", "yesterday"], /Expected --now in Unix seconds/],
    [["--provider", "github", "--secret", "x", "--tolerance", "-1"], /--tolerance/],
    [["--provider", "github", "--secret", "x", "--setting", "a"], /Expected --setting NAME=VALUE/],
    [["--provider", "github", "--secret", "env:NOWHERE"], /no variable NOWHERE/],
  ])("is called wrongly with %j", async (args, message) => {
    const { exit, stdout, stderr } = await runHere(["verify", ...args]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("asks for no secret where the provider's keys are fetched", async () => {
    const args = ["verify", "--provider", "aws-sns", "--setting", "topicArns=arn:aws:sns:us-east-1:1:a"];
    expect(await runHere([...args, "--body", "{}"])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining("Expected a message of Amazon SNS"),
    });
  });

  it("takes secrets and bodies from files, the environment and standard input", async () => {
    await writeFile(join(folder, "secret"), `${secret}\n`);
    await writeFile(join(folder, "body"), sent);
    await writeFile(
      join(folder, "headers"),
      `POST /in HTTP/1.1\r\nX-Hub-Signature-256: sha256=${hex(secret, sent)}\r\nX-GitHub-Delivery: a\r\n\r\n`,
    );
    const args = ["verify", "--provider", "github", "--header", "@headers", "--body", "@body"];
    const where: Surroundings = { folder, variables: { KEY: secret } };
    expect(await runHere([...args, "--secret", "@secret"], where)).toMatchObject({ exit: 0 });
    expect(await runHere([...args, "--secret", "old", "--secret", "env:KEY"], where)).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("secret 2"),
    });
    expect(await runHere([...args, "--secret", "@nowhere"], where)).toMatchObject({ exit: 2 });
  });
});

describe("hooks verify --explain", () => {
  const parsed = JSON.parse(sent);
  const python = '{"a": "\\u00e9", "list": [1.0, 2], "url": "https://example.com/x?a=1&b=<2>"}';
  const php = '{"a":"\\u00e9","list":[1.0,2],"url":"https:\\/\\/example.com\\/x?a=1&b=<2>"}';
  const go = '{"a":"é","list":[1.0,2],"url":"https://example.com/x?a=1\\u0026b=\\u003c2\\u003e"}\n';
  const kept = '{"a":"é","n":1e3,"z":[]}';

  it.each<[string, Github, string]>([
    [
      "pretty-printed",
      { body: JSON.stringify({ b: "é", list: [1] }, null, 2), signed: '{"b":"é","list":[1]}' },
      "json_reserialised",
    ],
    [
      "compacted",
      { signed: JSON.stringify(parsed, null, 4), body: JSON.stringify(parsed) },
      "json_reserialised",
    ],
    ["signed by Python", { signed: python, body: sent }, "json_reserialised"],
    ["signed by PHP", { signed: php, body: sent }, "json_reserialised"],
    ["signed by Go", { signed: go, body: sent }, "json_reserialised"],
    ["members shuffled", { signed: kept, body: '{"z":[], "n":1e3, "a":"\\u00e9"}' }, "json_reserialised"],
    [
      "numbers written by JavaScript",
      {
        signed: '{"id":7,"total":10.0,"lines":[{"total":2.0}]}',
        body: '{"id":7,"total":10,"lines":[{"total":2}]}',
      },
      "json_reserialised",
    ],
    [
      "numbers of Python written by JavaScript",
      { signed: '{"a": "\\u00e9", "total": 10.0}', body: '{"a":"é","total":10}' },
      "json_reserialised",
    ],
    [
      "amounts written by JavaScript",
      { signed: '{"a":1.50,"b":2.00}', body: '{"a":1.5,"b":2}' },
      "json_reserialised",
    ],
    ["numbers given a point", { signed: '{"a":[10,-3]}', body: '{"a":[10.0,-3.0]}' }, "json_reserialised"],
    ["newline added", { body: `${sent}\n` }, "trailing_newline"],
    ["newline lost", { signed: `${sent}\n`, body: sent }, "trailing_newline"],
    ["CRLF added", { body: `${sent}\r\n` }, "trailing_newline"],
    ["line endings changed", { signed: "a\nb\nc\n", body: "a\r\nb\r\nc\r\n" }, "line_endings"],
    ["line endings changed back", { signed: "a\r\nb\r\nc\r\n", body: "a\nb\nc\n" }, "line_endings"],
    ["byte order mark added", { body: `\ufeff${sent}` }, "byte_order_mark"],
    ["byte order mark lost", { signed: `\ufeff${sent}`, body: sent }, "byte_order_mark"],
    ["still compressed", { body: gzipSync(sent) }, "content_encoding"],
    ["read as ISO-8859-1", { body: Buffer.from(Buffer.from(sent).toString("latin1")) }, "charset"],
    ["became ISO-8859-1", { body: Buffer.from(sent, "latin1") }, "charset"],
    ["in base64", { body: Buffer.from(sent).toString("base64") }, "body_wrapped"],
    ["in a JSON string", { body: JSON.stringify(sent) }, "body_wrapped"],
    [
      "in a gateway's event",
      { body: JSON.stringify({ body: sent, isBase64Encoded: false }) },
      "body_wrapped",
    ],
    ["in a form", { body: `payload=${encodeURIComponent(sent)}` }, "body_wrapped"],
    ["secret with a newline", { secret: `${secret}\n` }, "secret_encoding"],
    ["secret in quotes", { secret: `"${secret}"` }, "secret_encoding"],
    ["secret was hex", { secret: "00ff10", key: Buffer.from("00ff10", "hex") }, "secret_encoding"],
    ["secret was base64", { secret: "AP8Q", key: Buffer.from("AP8Q", "base64") }, "secret_encoding"],
    ["bytes lost", { signed: Buffer.from([0x61, 0xff]), body: "a\ufffd" }, "bytes_lost"],
    ["an object as text", { body: "[object Object]" }, "bytes_lost"],
    ["no body", { body: "" }, "bytes_lost"],
    ["another secret", { key: "another" }, "wrong_secret"],
    ["no header", { headers: ["content-type: application/json"] }, "header_missing"],
    [
      "header names of CGI",
      { headers: [`HTTP_X_HUB_SIGNATURE_256: sha256=${hex(secret, sent)}`, "X-GitHub-Delivery: a"] },
      "header_changed",
    ],
    [
      "header in capitals",
      { headers: [`X-Hub-Signature-256: SHA256=${hex(secret, sent).toUpperCase()}`, "X-GitHub-Delivery: a"] },
      "header_changed",
    ],
  ])("names the cause: %s", async (_, request, cause) => {
    const explanation = await causeOf(request);
    expect(explanation).toMatchObject({ cause, details: expect.any(Array) });
    expect(explanation.proven).toBe(!["bytes_lost", "wrong_secret", "header_missing"].includes(cause));
  });

  it("knows a signature in another header, of another hash function", async () => {
    const sha1 = createHmac("sha1", secret).update(sent).digest("hex");
    const headers = [`X-Hub-Signature: sha1=${sha1}`, "X-GitHub-Delivery: a"];
    expect(await causeOf({ headers })).toMatchObject({ cause: "wrong_header", proven: true });
  });

  it("knows another URL, of a provider that signs it", async () => {
    const url = "https://example.com/in";
    const signature = createHmac("sha256", secret).update(`${url}${sent}`).digest("base64");
    const square = ["verify", "--provider", "square", "--secret", secret, "--body", sent];
    const header = ["--header", `x-square-hmacsha256-signature: ${signature}`];
    const given = ["--setting", `notificationUrl=http://example.com/in/`, "--explain", "--json"];
    const { stdout } = await runHere([...square, ...header, ...given]);
    expect(JSON.parse(stdout).explanation).toMatchObject({ cause: "url_changed", proven: true });
    const { stdout: without } = await runHere([...square, ...header, "--explain", "--json"]);
    expect(JSON.parse(without).explanation).toMatchObject({
      cause: "setting_missing",
      details: [expect.stringContaining("notificationUrl")],
    });
  });

  it("says when there is nothing to verify with", async () => {
    const { stdout } = await standard({ "webhook-id": "a" }, "--secret", "hunter2!", "--explain", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ explanation: { cause: "key_unavailable", proven: false } });
    expect(stdout).not.toContain("hunter2");
  });

  it("finds two causes at once", async () => {
    const { cause, also, details } = await causeOf({ secret: `${secret}\n`, body: `${sent}\n` });
    expect({ cause, also }).toEqual({ cause: "secret_encoding", also: "trailing_newline" });
    expect(details).toHaveLength(2);
  });

  it.each([
    [400, /made 400 s ago/],
    [-3600, /made 3600 s ahead/],
  ])("says by how much the clocks differ: %i s", async (skewSeconds, words) => {
    const headers = generateTestHeaders({ id: "a", body: sent, secret: whsec, timestamp: 1_700_000_000 });
    const now = String(1_700_000_000 + skewSeconds);
    const { exit, stdout } = await standard(headers, "--secret", whsec, "--now", now, "--explain", "--json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout).explanation).toEqual({
      cause: "clock_skew",
      details: [expect.stringMatching(words)],
      proven: true,
      skewSeconds,
    });
  });

  it("tells a secret without its prefix, and one that the sender did not decode", async () => {
    const signed = generateTestHeaders({ id: "a", body: sent, secret: whsec });
    const { stdout } = await standard(signed, "--secret", whsec.slice("whsec_".length), "--explain");
    expect(stdout).toContain("cause: secret_encoding\n");
    const undecoded = `whsec_${Buffer.from(whsec).toString("base64")}`;
    const wrong = generateTestHeaders({ id: "a", body: sent, secret: undecoded });
    const said = await standard(wrong, "--secret", whsec, "--explain");
    expect(said.stdout).toContain("The key is the secret's text as it stands");
  });

  it("knows another provider's request", async () => {
    const { "webhook-id": id, ...rest } = generateTestHeaders({ id: "a", body: sent, secret: whsec });
    const headers = Object.entries({ "webhook-id": id, ...rest }).map(([name, value]) => `${name}: ${value}`);
    expect(await causeOf({ secret: whsec, headers })).toMatchObject({
      cause: "other_provider",
      details: [expect.stringContaining("--provider standard-webhooks")],
    });
  });

  it("guesses another provider of its headers, where the secret does not prove it", async () => {
    const slack = await causeOf({ headers: ["X-Slack-Signature: v0=00", "X-Slack-Request-Timestamp: 1"] });
    expect(slack).toMatchObject({ cause: "other_provider", proven: false });
    expect(slack.details[0]).toContain("Slack: try --provider slack.");
    const standard = await causeOf({ headers: ["webhook-signature: v1,AA=="] });
    expect(standard.details[0]).toContain("try --provider standard-webhooks.");
    expect(await causeOf({ headers: ["authorization: Bearer x"] })).toMatchObject({
      cause: "header_missing",
    });
  });

  it("says what a provider that signs the URL was not given", async () => {
    const signature = createHmac("sha1", secret).update("https://example.com/inA1").digest("base64");
    const given = ["--secret", secret, "--body", "A=1", "--header", `X-Twilio-Signature: ${signature}`];
    const twilio = ["verify", "--provider", "twilio", ...given, "--explain", "--json"];
    const withoutUrl = await runHere(twilio);
    expect(JSON.parse(withoutUrl.stdout).explanation).toMatchObject({ cause: "url_missing", proven: false });
    const withoutType = await runHere([...twilio, "--url", "https://example.com/in"]);
    expect(JSON.parse(withoutType.stdout).explanation).toMatchObject({
      cause: "header_missing",
      details: [expect.stringContaining("content-type")],
      proven: true,
    });
  });

  it("prints neither the secret nor a signature that would be right", async () => {
    const right = hex(secret, sent);
    for (const request of [{ key: "another" }, { body: `${sent}\n` }, { secret: `${secret}\n` }])
      for (const more of [[], ["--json"]]) {
        const { stdout, stderr } = await github(request, "--explain", ...more);
        for (const text of [stdout, stderr]) {
          expect(text).not.toContain("battery");
          expect(text).not.toContain(right);
        }
      }
  });

  it("comes to an end with hostile bodies", async () => {
    for (const body of [
      "[".repeat(50_000),
      '"\\u',
      randomBytes(70_000),
      "{}",
      "",
      gzipSync(Buffer.alloc(1_000_000)),
    ])
      expect(await causeOf({ body })).toMatchObject({ proven: false });
  });
});
