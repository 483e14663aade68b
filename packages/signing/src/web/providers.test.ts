import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDice } from "../proof/dice.ts";
import { type GenuineRequest, makeGenuineRequest } from "../proof/genuine-request.ts";
import * as node from "../providers.ts";
import type { HmacProvider, Provider, StandardProvider, TokenProvider } from "../providers.ts";
import * as web from "./providers.ts";

const rows = Object.values<Provider>(node.providers);
const signedRows = rows.filter((row): row is StandardProvider | HmacProvider | TokenProvider =>
  ["standard-webhooks", "hmac", "token"].includes(row.kind),
);
const roll = createDice(7);

/** Requests of which some are genuine, and some are not in one way or another. */
function variantsOf(request: GenuineRequest) {
  const [name = "x", value = ""] = Object.entries(request.headers).at(-1) ?? [];
  return [
    request,
    { ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) },
    { ...request, now: request.now + 4000 },
    { ...request, headers: {} },
    {
      ...request,
      headers: { ...request.headers, [name]: value.replace(/.$/, (last) => (last === "0" ? "1" : "0")) },
    },
    { ...request, headers: { ...request.headers, [name]: `${value}x` } },
    { ...request, body: JSON.parse("{}") as Buffer },
  ];
}

describe("prepareProvider on WebCrypto", () => {
  it.each(signedRows)("says the same as on node:crypto: $id", async (row) => {
    for (let round = 0; round < 4; round++) {
      const request = makeGenuineRequest(row, roll);
      const options = {
        secrets: [makeGenuineRequest(row, roll).secret, request.secret],
        settings: request.settings,
      };
      const [here, there] = [node.prepareProvider(row, options), web.prepareProvider(row, options)];
      for (const variant of variantsOf(request)) {
        const expected = here.verify(variant);
        expect(await there.verify(variant)).toEqual(expected);
      }
      expect(await there.verify(request)).toMatchObject({ ok: true, keyIndex: 1 });
    }
  });

  it.each([
    {
      id: "discord",
      kind: "ed25519",
      names: { signature: "x-signature-ed25519", other: "x-signature-timestamp" },
    },
    {
      id: "sendgrid",
      kind: "p256",
      names: {
        signature: "x-twilio-email-event-webhook-signature",
        other: "x-twilio-email-event-webhook-timestamp",
      },
    },
    { id: "wise", kind: "rsa", names: { signature: "x-signature-sha256", other: "x-delivery-id" } },
  ] as const)("verifies public keys: $id", async ({ id, kind, names }) => {
    const { privateKey, publicKey } =
      kind === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : kind === "p256"
          ? generateKeyPairSync("ec", { namedCurve: "P-256" })
          : generateKeyPairSync("ed25519");
    const der = publicKey.export({ format: "der", type: "spki" });
    const secret = {
      ed25519: der.subarray(-32).toString("hex"),
      p256: der.toString("base64"),
      rsa: publicKey.export({ format: "pem", type: "spki" }).toString(),
    }[kind];
    const now = 1_800_000_000;
    const { verify } = web.prepareProvider(id, { secrets: [secret] });
    // ECDSA's numbers are of varying length: among so many some begin with a zero byte.
    for (let round = 0; round < 300; round++) {
      const body = Buffer.from(JSON.stringify({ round }));
      const message = kind === "rsa" ? body : Buffer.concat([Buffer.from(String(now)), body]);
      const signature = sign(kind === "ed25519" ? null : "sha256", message, privateKey);
      const encoding = kind === "ed25519" ? "hex" : "base64";
      const headers = { [names.signature]: signature.toString(encoding), [names.other]: String(now) };
      expect(await verify({ headers, body, now })).toMatchObject({ ok: true, event: { body } });
      const at = roll(signature.length);
      signature[at]! ^= 1 << roll(8);
      const forged = { ...headers, [names.signature]: signature.toString(encoding) };
      expect(await verify({ headers: forged, body, now })).toMatchObject({ ok: false });
      expect(node.verifyProvider(id, { secrets: [secret], headers: forged, body, now }).ok).toBe(false);
      if (kind === "rsa" && round > 20) break;
    }
  });

  it("says at once that a secret is none, and that a row needs Node.js", () => {
    expect(() => web.prepareProvider("stripe", { secrets: [""] })).toThrow(/secret of Stripe/);
    expect(() => web.prepareProvider("svix", { secrets: ["whsec_x"] })).toThrow(/whsec_/);
    expect(() => web.prepareProvider("discord", { secrets: ["ff"] })).toThrow(/public key of Discord/);
    expect(() => web.prepareProvider("twilio", { secrets: ["x"] })).toThrow(/Node\.js for Twilio/);
  });

  it.each(["zoom", "x", "slack", "ebay", "linkedin", "dropbox", "meta"])(
    "answers handshakes as on node:crypto: %s",
    async (id) => {
      const row = node.findProvider(id);
      const settings = { verifyToken: "t", verificationToken: "v", endpointUrl: "https://e.example" };
      const known = Object.fromEntries(
        Object.entries(settings).filter(([name]) => name in (row.settings ?? {})),
      );
      const options = { secrets: ["s3cr3t"], settings: known };
      const plain = { event: "endpoint.url_validation", payload: { plainToken: "abc" } };
      const slack = { type: "url_verification", challenge: "abc" };
      const query =
        "?crc_token=abc&challenge=abc&challengeCode=d8a1f6cd-4d0a-4f2b-9a0a-6c1b4e6b7c11&challenge_code=abc&hub.mode=subscribe&hub.verify_token=t&hub.challenge=1";
      const requests = [
        { method: "POST", url: "/in", headers: {}, body: Buffer.from(JSON.stringify(plain)) },
        { method: "POST", url: "/in", headers: {}, body: Buffer.from(JSON.stringify(slack)) },
        { method: "GET", url: `/in${query}`, headers: {}, body: Buffer.alloc(0) },
      ];
      // Those whose rows are code are verified on Node.js only, but their handshakes are data.
      const data =
        row.kind === "adapter"
          ? { ...node.findProvider("github"), handshakes: row.handshakes ?? [], settings: row.settings ?? {} }
          : row;
      const needed = { ...known, ...(row.settings?.["clientId"] ? { clientId: "c" } : {}) };
      let answered = 0;
      for (const request of requests) {
        for (const stage of ["unverified", "verified"] as const) {
          const expected = node
            .prepareProvider(data, { ...options, settings: needed })
            .handshake(request, stage);
          const answer = await web
            .prepareProvider(data, { ...options, settings: needed })
            .handshake(request, stage);
          expect(answer).toEqual(expected);
          if (answer.kind === "respond") answered++;
        }
      }
      expect(answered).toBeGreaterThan(0);
    },
  );
});
