import { describe, expect, it } from "vitest";
import type { Attest } from "../providers/adapter.ts";
import { createAttestOf } from "../providers/attest-row.ts";
import { parsePublicKey } from "../providers/public-key.ts";
import type { Provider } from "../providers/provider.ts";
import { adapterRows } from "../providers/rows/adapters.ts";
import { adapterOracles } from "./adapter-oracles.ts";
import { adapterVectors } from "./adapter-vectors.ts";
import type { Oracle, Sample, SignedRequest } from "./oracle.ts";
import { bodyOf, fetchKeyOf } from "./published-vector.ts";
import { publishedVectors } from "./published-vectors.ts";

// Some libraries read the clock.
const timestamp = Math.floor(Date.now() / 1000);
const sample: Sample = {
  id: "5f2b1c7e-0001",
  timestamp,
  url: "https://hooks.example.com/in/it?b=2&a=1",
  body: Buffer.from(JSON.stringify({ type: "invoice.paid", note: "é $&", n: 1130 })),
};
const rows: readonly Provider[] = adapterRows;
/** Their signatures do not cover the body at all. */
const bodyless = new Set(["jira-connect", "mercado-pago"]);

type Configured = Pick<Oracle, "providers" | "secrets" | "settings" | "fetchKey">;

function attestOf({ providers: [id], secrets, settings = {}, fetchKey }: Configured): Attest | undefined {
  const row = rows.find((one) => one.id === id);
  if (row?.kind === "public-key") {
    const [key] = secrets.map((secret) => parsePublicKey(secret, row));
    const { signature, timestamp: time } = row;
    return ({ headers, body }) => {
      const values = headers as Readonly<Record<string, string>>;
      const at = time?.from === "header" ? (values[time.name] ?? "") : "";
      const prefix = row.message.replace("{timestamp}", at).replace("{body}", "");
      const text = signature.from === "header" ? (values[signature.name] ?? "") : "";
      const bytes = Buffer.from(text, signature.encoding === "hex" ? "hex" : "base64");
      const ok = key?.verify(Buffer.concat([Buffer.from(prefix), body]), bytes) === true;
      return ok
        ? { ok, keyIndex: 0, covered: "signature", timestamp: undefined }
        : { ok, reason: "no_matching_key", hint: "" };
    };
  }
  const isWaiting = row?.kind === "jwt" || row?.kind === "adapter" || row?.kind === "http-message-signature";
  return isWaiting ? createAttestOf(row, { secrets, settings, fetchKey }) : undefined;
}

const cases = adapterOracles.flatMap((oracle, index) => {
  const attest = attestOf(oracle);
  const sign = oracle.sign ?? oracle.signer;
  return attest && sign ? [{ name: `${oracle.providers[0]} (${index})`, oracle, attest, sign }] : [];
});

describe.each(cases)("$name beside its vendor's library", ({ oracle, attest, sign }) => {
  const judge = async (request: SignedRequest) => {
    const { ok } = await attest({ ...request, nowSeconds: timestamp });
    const theirs = await oracle.verify?.(request).catch(() => false);
    return { ours: ok, theirs: theirs ?? ok };
  };

  it("accepts what is genuine and refuses what is not, both alike", async () => {
    const request = await sign({ ...sample, body: oracle.body ?? sample.body });
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
    const request = await sign({ ...sample, body: oracle.body ?? sample.body });
    const verdicts = [];
    for (let part = 0; part < 60; part++) {
      const body = Buffer.from(request.body);
      const at = Math.floor((part * body.length) / 60);
      body[at] = body[at] === 0x37 ? 0x38 : 0x37;
      verdicts.push(await judge({ ...request, body }));
    }
    expect(verdicts.filter(({ ours, theirs }) => ours && !theirs)).toEqual([]);
    expect(verdicts.some(({ ours }) => !ours)).toBe(!bodyless.has(oracle.providers[0] ?? ""));
  });
});

const vectors = [...publishedVectors, ...adapterVectors].flatMap((vector) => {
  const attest = attestOf({ ...vector, providers: [vector.provider], fetchKey: fetchKeyOf(vector) });
  return attest ? [{ ...vector, attest }] : [];
});

describe("what was published", () => {
  it.each(vectors)("for $provider is accepted", async ({ attest, ...vector }) => {
    const request = { method: "POST", ...vector, body: bodyOf(vector), nowSeconds: vector.now ?? timestamp };
    expect(await attest(request)).toMatchObject({ ok: true });
  });
});
