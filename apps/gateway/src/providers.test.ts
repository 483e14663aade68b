import { generateTestRequest, type Provider, providers } from "@hooks/signing/providers";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { fetchKey, type Sent, signers } from "./test-support/provider-requests.ts";
import { secretOf, settingsOf } from "./test-support/provider-secrets.ts";
import { silentLog } from "./test-support/silent-log.ts";

const folder = createTemporaryFolder("hooks-gateway-providers");
const rows: readonly Provider[] = Object.values(providers);

let gateway: Gateway;
let port: number;
beforeAll(async () => {
  const sources = Object.fromEntries(rows.map((row) => [row.id, sourceOf(row)]));
  const loaded = loadConfig({
    env: { HOOKS_CONFIG: "gateway.json", PORT: "0", INBOX_URL: `sqlite:${folder.path}/inbox.db` },
    readFile: () => JSON.stringify({ sources }),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  gateway = await createGateway({ config: loaded.config, log: silentLog, fetchKey });
  port = await gateway.start();
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

describe("a source of each provider", () => {
  it.each(rows.map((row) => [row.id, row] as const))(
    "takes genuine requests of %s, once, and refuses forgeries",
    async (id, row) => {
      const { acknowledge: wanted } = row;
      const genuine = request(row, true);
      const forged = await send(id, request(row, false));
      expect(forged).toEqual({ status: wanted?.rejectStatus ?? 401, code: "signature_invalid" });
      const own = wanted?.status ?? (wanted?.body === undefined ? undefined : 200);
      expect(await send(id, genuine)).toEqual({ status: own ?? 202, code: undefined });
      const waiting = (await gateway.inbox.depth(id)).waiting;
      expect(waiting).toBe(row.batch !== undefined && id in signers ? 2 : 1);
      if (row.event.repeats === true) return;
      expect(await send(id, genuine)).toEqual({ status: own ?? 200, code: undefined });
      expect((await gateway.inbox.depth(id)).waiting).toBe(waiting);
    },
  );
});

function sourceOf(row: Provider) {
  const signer = signers[row.id];
  return {
    provider: row.id,
    secrets: signer?.secrets ?? [secretOf(row)],
    settings: signer?.settings ?? settingsOf(row),
    rateLimit: { perSecond: 1_000 },
  };
}

/** Bodies of another form than most have. */
const bodies: Readonly<Record<string, string>> = {
  mandrill: new URLSearchParams({ mandrill_events: '[{"event":"open"}]' }).toString(),
};

function request(row: Provider, isGenuine: boolean): Sent {
  const url = `http://127.0.0.1:${port}/in/${row.id}`;
  const signer = signers[row.id];
  if (signer !== undefined) return signer.send(url, isGenuine);
  const body = bodies[row.id] ?? JSON.stringify({ id: `evt-${row.id}`, type: "a.b" });
  const secret = secretOf(row, isGenuine);
  if (row.id === "microsoft-graph") {
    return { headers: {}, body: JSON.stringify({ value: [{ id: "1", clientState: secret }] }) };
  }
  const options = { secret, body, url: `${url}?a=%3A`, settings: settingsOf(row) };
  const made = generateTestRequest(row, options);
  return { headers: made.headers, body: Buffer.from(made.body).toString(), query: new URL(made.url).search };
}

async function send(id: string, { headers, body, query = "" }: Sent) {
  const response = await fetch(`http://127.0.0.1:${port}/in/${id}${query}`, {
    method: "POST",
    headers,
    body,
  });
  const text = await response.text();
  const json = text.startsWith("{") ? (JSON.parse(text) as { readonly code?: string }) : {};
  return { status: response.status, code: json.code };
}
