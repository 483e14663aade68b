import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { type App, createTemporaryFolder, makeCertificate } from "@hooks/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGatewayProcess } from "./test-support/gateway-process.ts";

const folder = createTemporaryFolder("hooks-gateway-sns");
const host = "sns.us-east-1.amazonaws.com";
const certificatePath = `/SimpleNotificationService-${"0123456789abcdef".repeat(2)}.pem`;
const topic = "arn:aws:sns:us-east-1:123456789012:orders";
const keys = {
  authority: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey,
  messages: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey,
  server: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey,
};
const issuer = { key: keys.authority, commonName: "Test Authority" };
const chain =
  makeCertificate({ key: keys.messages, commonName: "sns.amazonaws.com", issuer }) +
  makeCertificate({ ...issuer, isAuthority: true });

/** What was asked of SNS, and which hosts the proxy was asked for. */
const visits: string[] = [];
const hosts: string[] = [];
const servers: Server[] = [];
let app: App;
let url: string;

/** Plays SNS: publishes its certificate, and hears confirmations. */
async function startSns(): Promise<number> {
  const cert = makeCertificate({ key: keys.server, commonName: host, issuer });
  const key = keys.server.export({ type: "pkcs8", format: "pem" });
  const sns = createSecureServer({ cert, key }, (request, response) => {
    visits.push(request.url ?? "");
    response.end(request.url === certificatePath ? chain : "<ConfirmSubscriptionResponse/>");
  });
  return listen(sns);
}

/** What all ways out of the gateway's network go through; every host is SNS here. */
async function startProxy(snsPort: number): Promise<number> {
  const proxy = createServer();
  proxy.on("connect", (request, client) => {
    hosts.push(request.url ?? "");
    const target = connect(snsPort, "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    for (const socket of [client, target])
      socket.on("error", () => [client, target].map((one) => one.destroy()));
    target.pipe(client).pipe(target);
  });
  return listen(proxy);
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server listening on TCP has an address of this kind.
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const proxyPort = await startProxy(await startSns());
  const trusted = join(folder.path, "authority.pem");
  writeFileSync(trusted, makeCertificate({ ...issuer, isAuthority: true }));
  const settings = `{ topicArns: "${topic}", confirmSubscriptions: true }`;
  const config = `sources:\n  topics: { provider: aws-sns, settings: ${settings} }\n`;
  const env = { HOOKS_PROXY_URL: `http://127.0.0.1:${proxyPort}`, NODE_EXTRA_CA_CERTS: trusted };
  ({ app, url } = await startGatewayProcess({ folder: folder.path, config, env }));
});
afterAll(async () => {
  await app.kill();
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  folder.remove();
});
beforeEach(() => {
  visits.length = 0;
  hosts.length = 0;
});

const members = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
const confirmation = (more: Readonly<Record<string, string>> = {}) => ({
  Type: "SubscriptionConfirmation",
  MessageId: crypto.randomUUID(),
  Token: "2336412f37",
  TopicArn: topic,
  Message: "You have chosen to subscribe",
  SubscribeURL: `https://${host}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37`,
  Timestamp: new Date().toISOString(),
  ...more,
});

/** Signs as AWS documents it. */
function signed(message: Readonly<Record<string, string>>, key = keys.messages) {
  const lines = members.filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`);
  const signature = sign("sha256", Buffer.from(lines.join("")), key).toString("base64");
  const SigningCertURL = `https://${host}${certificatePath}`;
  return JSON.stringify({ ...message, SignatureVersion: "2", Signature: signature, SigningCertURL });
}

async function send(body: string) {
  const headers = { "content-type": "text/plain; charset=UTF-8" };
  const response = await fetch(`${url}/in/topics`, { method: "POST", body, headers });
  const text = await response.text();
  return [response.status, text === "" ? undefined : (JSON.parse(text) as { code?: string }).code];
}

describe("a subscription to an SNS topic", () => {
  it("is confirmed at SNS, by the link that was signed, and its messages are taken then", async () => {
    const message = confirmation();
    expect(await send(signed(message))).toEqual([200, undefined]);
    expect(visits).toEqual([certificatePath, message.SubscribeURL.slice(`https://${host}`.length)]);
    expect(new Set(hosts)).toEqual(new Set([`${host}:443`]));
    const { SubscribeURL: _link, Token: _token, ...event } = confirmation({ Type: "Notification" });
    const notification = signed(event);
    expect((await send(notification))[0]).toBe(202);
    expect((await send(notification))[0]).toBe(200);
  });

  it.each([
    ["with another key", () => signed(confirmation(), keys.server), "signature_invalid"],
    ["of another topic", () => signed(confirmation({ TopicArn: `${topic}2` })), "signature_invalid"],
    [
      "with a link elsewhere",
      () => signed(confirmation({ SubscribeURL: "https://evil.example/" })),
      "challenge_failed",
    ],
  ])("is not confirmed %s", async (_, body, code) => {
    expect((await send(body()))[1]).toBe(code);
    expect(visits.filter((path) => path !== certificatePath)).toEqual([]);
    expect(hosts.filter((one) => one !== `${host}:443`)).toEqual([]);
  });
});
