import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { prepareProvider, providers, type Handshake, type Provider } from "../providers.ts";
import { handshakes } from "./rows.ts";

const all: Readonly<Record<string, Provider>> = providers;
const tables: Readonly<Record<string, readonly Handshake[]>> = handshakes;
const ids = Object.keys(handshakes);

/** The settings that a handshake reads. */
const settingsOf = ({ optIn, checks = [], proof, reply }: Handshake) => {
  const parts = [proof?.message ?? [], reply.text ?? [], ...Object.values(reply.headers ?? {})].flat();
  return [
    ...(optIn === undefined ? [] : [optIn]),
    ...checks.map((check) => ("inSetting" in check ? check.inSetting : check.equalsSetting)),
    ...parts.flatMap((part) => ("setting" in part ? [part.setting] : [])),
  ];
};

const event = (headers: Record<string, string>, text: string) => ({ headers, body: Buffer.from(text) });

describe("rows of providers", () => {
  it.each(ids)("%s has its handshakes, and lets every setting of theirs be given", (id) => {
    expect(all[id]?.handshakes).toBe(tables[id]);
    const declared = Object.keys(all[id]?.settings ?? {});
    for (const name of (tables[id] ?? []).flatMap(settingsOf)) expect(declared).toContain(name);
  });
});

describe("prepareProvider(…).handshake", () => {
  const body = Buffer.alloc(0);

  it("answers the verify token of Meta", () => {
    const meta = prepareProvider("meta", { secrets: ["s"], settings: { verifyToken: "mine" } });
    const url = "/in?hub.mode=subscribe&hub.verify_token=mine&hub.challenge=1158201444";
    expect(meta.handshake({ method: "GET", url, headers: {}, body }, "unverified")).toMatchObject({
      kind: "respond",
      body: "1158201444",
    });
  });

  const uuid = "9b4507b3-9040-4669-9ca3-6b94edb50553";
  const challenge = "20f9f8ed05f77439fe955c977e4c8a53";
  const form = { "content-type": "application/x-www-form-urlencoded" };

  // Each signature is right, and yet nobody's: whoever asks for it in a handshake is given it.
  it.each([
    {
      id: "x",
      query: `crc_token=${uuid}`,
      signature: createHmac("sha256", "secret").update(uuid).digest("base64"),
      forge: (signature: string) => event({ "x-twitter-webhooks-signature": `sha256=${signature}` }, uuid),
    },
    {
      id: "linkedin",
      query: `challengeCode=${uuid}`,
      signature: createHmac("sha256", "secret").update(uuid).digest("hex"),
      forge: (signature: string) => event({ "x-li-signature": signature }, uuid),
    },
    {
      id: "braintree",
      query: `bt_challenge=${challenge}`,
      settings: { publicKey: "pub" },
      signature: createHmac("sha1", createHash("sha1").update("secret").digest())
        .update(challenge)
        .digest("hex"),
      forge: (signature: string) =>
        event(form, `bt_signature=${encodeURIComponent(`pub|${signature}`)}&bt_payload=${challenge}`),
    },
  ] as const)("signs nothing that $id verifies as an event", async (one) => {
    const settings = "settings" in one ? one.settings : {};
    const prepared = prepareProvider(one.id, { secrets: ["secret"], settings });
    const request = { method: "GET", url: `/?${one.query}`, headers: {}, body };
    const answer = prepared.handshake(request, "unverified");
    expect(answer.kind === "respond" && answer.body).toContain(one.signature);
    expect(await prepared.verify(one.forge(one.signature))).toMatchObject({ ok: false });
  });

  it("signs for Zoom no token that could be a message of its own", () => {
    const zoom = prepareProvider("zoom", { secrets: ["secret"] });
    const plainToken = `v0:${Math.floor(Date.now() / 1000)}:{}`;
    const asked = Buffer.from(JSON.stringify({ event: "endpoint.url_validation", payload: { plainToken } }));
    const request = { method: "POST", url: "/", headers: {}, body: asked };
    expect(zoom.handshake(request, "verified")).toMatchObject({ kind: "refuse" });
    expect(zoom.handshake(request, "unverified")).toEqual({ kind: "none" });
  });
});
