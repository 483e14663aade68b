import { describe, expect, it } from "vitest";
import { runHere } from "../test-support/run-here.ts";

const body = '{"type":"invoice.paid","signature":{}}';
const settings = ["--setting", "notificationUrl=https://example.com/in"];

/** Signs, and verifies what came of it. */
const roundTrip = async (provider: string, secret: string, ...more: readonly string[]) => {
  const args = ["--provider", provider, "--secret", secret, ...more];
  const signed = await runHere(["sign", ...args, "--body", body, "--id", "evt_1", "--json"]);
  expect(signed).toMatchObject({ exit: 0, stderr: "" });
  const request = JSON.parse(signed.stdout);
  const headers = Object.entries(request.headers).flatMap(([name, value]) => [
    "--header",
    `${name}: ${value}`,
  ]);
  const rest = ["--url", request.url, "--body", "@-"];
  return runHere(["verify", ...args, ...headers, ...rest], { input: Buffer.from(request.body, "base64") });
};

describe("hooks sign", () => {
  it.each([
    ["standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["svix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["github", "secret"],
    ["stripe", "whsec_x"],
    ["slack", "secret"],
    ["square", "secret", ...settings],
    ["hubspot", "secret"],
    ["twilio", "token"],
    ["mailgun", "secret"],
    ["telegram", "token"],
    ["postmark", "user:password"],
  ])("signs so that verify says yes: %s", async (provider, secret, ...more) => {
    expect(await roundTrip(provider, secret, ...more)).toMatchObject({ exit: 0, stderr: "" });
  });

  it("prints headers as curl reads them", async () => {
    const args = ["sign", "--secret", "env:SECRET", "--body", "x", "--id", "a", "--now", "1614265330"];
    const variables = { SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
    const { exit, stdout } = await runHere(args, { variables });
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^webhook-id: a\nwebhook-timestamp: 1614265330\nwebhook-signature: v1,[A-Za-z0-9+/]{43}=\n$/,
    );
  });

  it("says so where the signature is in no header", async () => {
    const { exit, stderr } = await runHere([
      "sign",
      "--provider",
      "mailgun",
      "--secret",
      "x",
      "--body",
      body,
    ]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining("--json") });
  });

  it("says that an id or type is lost which the provider has no header for", async () => {
    const sign = ["sign", "--secret", "x", "--body", "{}", "--id", "evt_1", "--type", "push", "--provider"];
    const stripe = await runHere([...sign, "stripe"]);
    expect(stripe.stderr.match(/--(id|type) changes nothing: a request of Stripe/g)).toHaveLength(2);
    expect(await runHere([...sign, "github"])).toMatchObject({ exit: 0, stderr: "" });
  });

  it("says which URL it has signed when none was given", async () => {
    const args = ["sign", "--provider", "twilio", "--secret", "x", "--body", "a=1"];
    expect(await runHere(args)).toMatchObject({ exit: 0, stderr: expect.stringContaining("--url") });
    const given = await runHere([...args, "--url", "https://example.com/in"]);
    expect(given).toMatchObject({ exit: 0, stderr: "" });
  });

  it.each([
    [["--provider", "discord", "--secret", "x"], /Expected a provider that signs with .*, got Discord/],
    [["--provider", "aws-sns"], /Expected a provider that signs with .*, got Amazon SNS/],
    [["--secret", "hunter2"], /This cannot be signed/],
    [["--secret", "a", "--secret", "b"], /one --secret/],
    [["--provider", "mailgun", "--secret", "x", "--body", "no json"], /This cannot be signed/],
  ])("is called wrongly with %j", async (args, message) => {
    const { exit, stdout, stderr } = await runHere(["sign", ...args]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("hunter2");
  });
});
