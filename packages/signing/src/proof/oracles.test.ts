import { describe, expect, it, vi } from "vitest";
import { prepareProvider, type ProviderId, providers } from "../providers.ts";
import type { Provider } from "../providers/provider.ts";
import { generateTestRequest } from "../test-request/test-request.ts";
import type { Oracle, Sample, SignedRequest } from "./oracle.ts";
import { oracles } from "./oracles.ts";

const cases = oracles.flatMap((oracle) =>
  oracle.providers.map((id) => ({ id, library: oracle.library, oracle })),
);
const signing = cases.filter(({ oracle }) => oracle.sign !== undefined);

// Some libraries refuse what is a few seconds old, and these are many.
vi.useFakeTimers({ toFake: ["Date"] });
const now = Math.floor(Date.now() / 1000);

/** Bodies with what tempts an implementation: quotes, dollars for a replacement, text beyond ASCII, nothing much. */
const bodies = ['{"type":"a.b","text":"$& $1 $$ \\" é 😀","n":[1.0,-0]}', '{ "id" : "evt_1" }\n', "{}"];

const samplesOf = ({ body }: Oracle): readonly Sample[] =>
  (body === undefined ? bodies.map((text) => Buffer.from(text)) : [body]).map((body, index) => ({
    id: `evt_${index}`,
    timestamp: now,
    url: "https://example.com/in/webhooks?a=b",
    body,
  }));

const ours = (id: string, { secrets, settings, fetchKey }: Oracle, request: SignedRequest) =>
  prepareProvider(id as ProviderId, { secrets, settings, fetchKey }).verify({ ...request, now });

const signLikeProvider = async (id: string, oracle: Oracle, sample: Sample): Promise<SignedRequest> => {
  const [secret = ""] = oracle.secrets;
  const settings = oracle.settings ?? {};
  const row: Provider = providers[id as ProviderId];
  if (oracle.signer !== undefined) return oracle.signer(sample);
  const request = generateTestRequest(row, { ...sample, secret, settings });
  return { ...request, body: Buffer.from(request.body) };
};

/** The same request with one thing changed that a signature covers. */
const tampered = (request: SignedRequest): readonly SignedRequest[] => {
  const { body, headers } = request;
  const changed = Buffer.from(body);
  // The last letter inside: a changed brace would be refused for what it is.
  const at = body.lastIndexOf("}") - 1;
  changed[at] = (body[at] ?? 0) ^ 1;
  const signatures = Object.keys(headers).filter((name) => /sign|hmac/.test(name) && !/time/.test(name));
  return [
    { ...request, body: changed },
    { ...request, body: Buffer.concat([body, Buffer.from("\n")]) },
    ...signatures.map((name) => ({
      ...request,
      headers: { ...headers, [name]: turned(headers[name] ?? "") },
    })),
  ];
};

/** Another signature of the same form: 5 and 6 are digits of hex and of base64. */
const turned = (text: string) => {
  const at = text.length - 12;
  return text.slice(0, at) + (text[at] === "5" ? "6" : "5") + text.slice(at + 1);
};

describe("vendors' libraries", () => {
  it.each(signing)("$id accepts what $library signs, and nothing else", async ({ id, oracle }) => {
    for (const sample of samplesOf(oracle)) {
      const request = await oracle.sign!(sample);
      expect(await ours(id, oracle, request)).toMatchObject({ ok: true });
      for (const other of tampered(request))
        expect(await ours(id, oracle, other)).toMatchObject({ ok: false });
    }
  });

  it.each(cases)("$library accepts what is signed like $id, and nothing else", async ({ id, oracle }) => {
    for (const sample of samplesOf(oracle)) {
      const request = await signLikeProvider(id, oracle, sample);
      expect(await oracle.verify(request)).toBe(true);
      expect(await ours(id, oracle, request)).toMatchObject({ ok: true });
      for (const other of tampered(request)) {
        expect(await oracle.verify(other)).toBe(false);
        expect(await ours(id, oracle, other)).toMatchObject({ ok: false });
      }
    }
  });
});
