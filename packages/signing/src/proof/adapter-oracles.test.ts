import { describe, expect, it } from "vitest";
import { prepareProvider, type ProviderId } from "../providers.ts";
import { adapterOracles } from "./adapter-oracles.ts";
import { adapterVectors } from "./adapter-vectors.ts";
import type { Sample, SignedRequest } from "./oracle.ts";
import { bodyOf, fetchKeyOf } from "./published-vector.ts";

// Some libraries read the clock.
const timestamp = Math.floor(Date.now() / 1000);
const id = "5f2b1c7e-0001";
const sample: Sample = {
  id,
  timestamp,
  url: "https://hooks.example.com/in/it?b=2&a=1",
  body: Buffer.from(JSON.stringify({ type: "invoice.paid", note: "é $&", n: 1130 })),
};
/** Their signatures do not cover the body at all. */
const bodyless = new Set(["jira-connect", "mercado-pago"]);

/** What is made of the events, where the library's request or the sample says it. */
const events: Readonly<Record<string, object>> = {
  adyen: {
    type: "AUTHORISATION",
    items: [
      { id: "AUTHORISATION:7914073381342284", type: "AUTHORISATION", pointer: "/notificationItems/0" },
      { id: "REFUND:8914073381342285", type: "REFUND", pointer: "/notificationItems/1" },
    ],
  },
  "aws-sns": { id, idFrom: "provider", idCovered: true, type: "Notification", timestamp },
  braintree: { idFrom: "provider", idCovered: true, type: "check" },
  discord: { idFrom: "content", timestamp },
  ebay: { id: "49feeaeb", idCovered: true },
  "http-message-signatures": { id, idFrom: "provider", idCovered: true, timestamp },
  kinde: { id, idCovered: true, type: "user.created" },
  "mercado-pago": { id, timestamp, type: "invoice.paid" },
  sendgrid: { type: "dropped", items: [{ id: "ZHJvcC0x", type: "dropped", pointer: "/0" }], timestamp },
  telnyx: { timestamp },
  twilio: { idFrom: "content" },
  vonage: { id, idCovered: true, timestamp },
};

const cases = adapterOracles.map((oracle, index) => ({
  name: `${oracle.providers[0]} (${index})`,
  provider: oracle.providers[0] as ProviderId,
  oracle,
}));

describe.each(cases)("$name beside its vendor's library", ({ provider, oracle }) => {
  const { secrets, settings, fetchKey } = oracle;
  const { verify } = prepareProvider(provider, { secrets, settings, fetchKey });
  const judge = async (request: SignedRequest) => {
    const { ok } = await verify({ ...request, now: timestamp });
    return { ours: ok, theirs: await oracle.verify(request).catch(() => false) };
  };
  const sign = async (): Promise<SignedRequest> => {
    const made = await (oracle.sign ?? oracle.signer)?.({ ...sample, body: oracle.body ?? sample.body });
    if (made === undefined) throw new Error("Expected the oracle to have a signer.");
    return made;
  };

  it("accepts what is genuine and refuses what is not, both alike", async () => {
    const request = await sign();
    expect(await judge(request)).toEqual({ ours: true, theirs: true });
    const [name = "", value = ""] =
      Object.entries(request.headers).find(([header]) => /signature|sig$|authorization|hmac/.test(header)) ??
      [];
    if (name !== "") {
      const at = value.length - 12;
      const changed = value.slice(0, at) + (value[at] === "5" ? "6" : "5") + value.slice(at + 1);
      const forged = { ...request, headers: { ...request.headers, [name]: changed } };
      expect(await judge(forged)).toEqual({ ours: false, theirs: false });
    }
  });

  it("accepts no changed body that the library refuses", async () => {
    const request = await sign();
    const verdicts = [];
    for (let part = 0; part < 60; part++) {
      const body = Buffer.from(request.body);
      const at = Math.floor((part * body.length) / 60);
      body[at] = body[at] === 0x37 ? 0x38 : 0x37;
      verdicts.push(await judge({ ...request, body }));
    }
    expect(verdicts.filter(({ ours, theirs }) => ours && !theirs)).toEqual([]);
    expect(verdicts.some(({ ours }) => !ours)).toBe(!bodyless.has(provider));
  });

  it("names the event, and says what vouches for the body", async () => {
    const request = await sign();
    const covered = bodyless.has(provider) ? "token" : "signature";
    const event = { provider, ...events[provider] };
    expect(await verify({ ...request, now: timestamp })).toMatchObject({
      ok: true,
      keyIndex: 0,
      covered,
      event,
    });
  });
});

/** What is signed of a body, where it is not every byte. */
const signedOf: Readonly<Record<string, (body: Buffer) => unknown>> = {
  adyen: (body) => {
    const { notificationItems } = JSON.parse(body.toString()) as AdyenBody;
    return notificationItems.map(({ NotificationRequestItem: { amount, ...item } }) => ({
      amount: [amount.value, amount.currency],
      references: [item["pspReference"], item["originalReference"], item["merchantReference"]],
      others: [item["merchantAccountCode"], item["eventCode"], item["success"]],
    }));
  },
};

interface AdyenBody {
  readonly notificationItems: readonly {
    readonly NotificationRequestItem: Readonly<Record<string, unknown>> & {
      readonly amount: { readonly value: number; readonly currency: string };
    };
  }[];
}

describe.each(adapterVectors)("what was published for $provider", (vector) => {
  const { provider, secrets, settings, headers, event, now } = vector;
  const options = { secrets, settings, fetchKey: fetchKeyOf(vector) };
  const { verify } = prepareProvider(provider as ProviderId, options);
  const body = bodyOf(vector);

  it("is accepted", async () => {
    const result = await verify({ headers, body, now });
    expect(result).toMatchObject({ ok: true, event: { provider, ...event } });
  });

  it("is refused with any byte of what is signed changed", async () => {
    const signed = signedOf[provider] ?? ((given: Buffer) => given.toString("latin1"));
    let refused = 0;
    for (let index = 0; index < body.length; index++) {
      const changed = Buffer.from(body);
      changed[index] = (body[index] ?? 0) ^ 1;
      const { ok } = await verify({ headers, body: changed, now });
      if (ok) expect(signed(changed)).toEqual(signed(body));
      else refused++;
    }
    expect(refused).toBeGreaterThan(100);
  });
});
