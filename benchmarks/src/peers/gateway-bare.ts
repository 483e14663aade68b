// The limit: the least that verifies, deduplicates and enqueues in one step, over nothing but node:http and Redis.
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Redis } from "ioredis";
import { listen } from "./listen.ts";
import { runPeer } from "./run-peer.ts";
import { keyOf } from "./sign-bare.ts";

interface Settings {
  readonly secret: string;
  readonly redisPort: number;
}

interface Accepting extends Redis {
  accept(seen: string, stream: string, body: Buffer): Promise<0 | 1>;
}

const acceptScript = `
if redis.call('SET', KEYS[1], '', 'NX', 'EX', 604800) then
  redis.call('XADD', KEYS[2], '*', 'body', ARGV[1])
  return 1
end
return 0`;

runPeer<Settings>(async ({ secret, redisPort }) => {
  const key = keyOf(secret);
  const redis = new Redis({ host: "127.0.0.1", port: redisPort, enableAutoPipelining: true });
  redis.defineCommand("accept", { numberOfKeys: 2, lua: acceptScript });
  const url = await listen((request, response) => {
    const accept = async () => {
      const body = await readBody(request);
      const isGenuine = verifyBare(key, request.headers, body);
      const id = String(request.headers["webhook-id"]);
      // `defineCommand` adds the method that the interface declares.
      const isNew = isGenuine && (await (redis as Accepting).accept(`seen:${id}`, "events", body)) === 1;
      const text = isGenuine ? `{"id":"${id}","duplicate":${!isNew}}` : "{}";
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      response.writeHead(isGenuine ? (isNew ? 202 : 200) : 401, headers).end(text);
    };
    accept().catch(() => response.destroy());
  });
  return { ready: `${url}/in/billing` };
});

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

function verifyBare(key: KeyObject, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = headers;
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  const given = Buffer.from(String(signature).slice("v1,".length), "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
