import { generateKeyPairSync } from "node:crypto";
import { createServer as createTcpServer } from "node:net";
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from "node:tls";
import { makeCertificate } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientCertificate, createEgress, isClientCertificate } from "./index.ts";
import { listen } from "./test-support/listen.ts";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const authority = { key: newKey(), commonName: "An authority" };
const key = newKey();
const certify = (more: Partial<Parameters<typeof makeCertificate>[0]> = {}) =>
  makeCertificate({ key, commonName: "localhost", issuer: authority, ...more });
const pem = key.export({ type: "pkcs8", format: "pem" });

const defaults = getCACertificates("default");
beforeAll(() => setDefaultCACertificates([makeCertificate({ ...authority, isAuthority: true })]));
afterAll(() => setDefaultCACertificates(defaults));

/** What comes of a request to `https://localhost`, behind which such a server listens. */
async function outcomeAt(options: TlsOptions): Promise<number | string> {
  const server = createServer({ key: pem, cert: certify(), ...options }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\n\r\n"));
  });
  return request(await listen(server));
}

async function request(port: number, { connectTimeoutMs = 30_000 } = {}): Promise<number | string> {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8", "::1"], connectTimeoutMs });
  const url = `https://localhost:${port}/`;
  const result = await egress.request({ method: "GET", url, headers: {}, timeoutMs: 60_000 });
  void egress.close();
  return result.kind === "response" ? result.status : result.reason;
}

describe("TLS", () => {
  it("is spoken with a host that proves its name", async () => {
    expect(await outcomeAt({})).toBe(204);
  });

  it.each<[string, TlsOptions]>([
    ["for another name", { cert: certify({ commonName: "other.example" }) }],
    ["that has expired", { cert: certify({ validTo: new Date(Date.UTC(2021, 0)) }) }],
    ["that is not valid yet", { cert: certify({ validFrom: new Date(Date.UTC(2048, 0)) }) }],
    ["of its own making", { cert: certify({ issuer: undefined }) }],
    ["of an unknown authority", { cert: certify({ issuer: { key, commonName: "Somebody" } }) }],
  ])("fails with a certificate %s", async (_, options) => {
    expect(await outcomeAt(options)).toBe("tls_error");
  });

  it("fails with a host that knows only what is older than 1.2", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect(await outcomeAt(old)).toBe("tls_error");
  });

  it("fails with a host that speaks plain text", async () => {
    const server = createTcpServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    expect(await request(await listen(server))).toBe("tls_error");
  });

  it("is given up when the handshake hangs", async () => {
    expect(await request(await listen(createTcpServer(() => {})), { connectTimeoutMs: 300 })).toBe("timeout");
  });

  it("is verified although the environment says otherwise", async () => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await outcomeAt({ cert: certify({ commonName: "other.example" }) })).toBe("tls_error");
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });
});

describe("a client certificate", () => {
  const clientKey = newKey();
  const ofClient = (commonName: string) => ({
    certificate: makeCertificate({ key: clientKey, commonName, issuer: authority }),
    key: String(clientKey.export({ type: "pkcs8", format: "pem" })),
  });
  const ca = makeCertificate({ ...authority, isAuthority: true });

  /** A server that takes only clients of the authority, and says whom it takes them for. */
  async function startAsking() {
    const server = createServer(
      { key: pem, cert: certify(), ca, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        const who = socket.getPeerCertificate().subject?.CN ?? "nobody";
        socket.on("error", () => {});
        socket.on("data", () =>
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${who.length}\r\n\r\n${who}`),
        );
      },
    );
    const url = `https://localhost:${await listen(server)}/`;
    const egress = createEgress({ allowCidrs: ["127.0.0.0/8", "::1"], connectTimeoutMs: 30_000 });
    const ask = async (clientCertificate?: ClientCertificate) => {
      const certificate = clientCertificate === undefined ? {} : { clientCertificate };
      const result = await egress.request({
        method: "GET",
        url,
        headers: {},
        timeoutMs: 60_000,
        ...certificate,
      });
      return result.kind === "response" ? Buffer.from(result.body).toString() : result.reason;
    };
    return { ask, egress };
  }

  it("proves who asks, each on connections of its own", async () => {
    const { ask, egress } = await startAsking();
    const [alice, bob] = [ofClient("alice"), ofClient("bob")];
    const answers = await Promise.all([ask(alice), ask(bob), ask(alice), ask({ ...bob })]);
    expect(answers).toEqual(["alice", "bob", "alice", "bob"]);
    expect(await ask(bob)).toBe("bob");
    await egress.close();
  });

  it("that is not shown, or not of the right authority, is a failure of TLS", async () => {
    const { ask, egress } = await startAsking();
    const foreign = makeCertificate({ key: clientKey, commonName: "mallory" });
    expect(["tls_error", "reset"]).toContain(await ask());
    expect(["tls_error", "reset"]).toContain(await ask({ ...ofClient("x"), certificate: foreign }));
    await egress.close();
  });

  it("that cannot be read, or has another key, is known before anything is sent", async () => {
    const { ask, egress } = await startAsking();
    const other = { ...ofClient("alice"), key: String(newKey().export({ type: "pkcs8", format: "pem" })) };
    for (const bad of [other, { certificate: "", key: "" }, { ...ofClient("alice"), certificate: "x" }]) {
      expect(isClientCertificate(bad)).toBe(false);
      expect(await ask(bad)).toBe("tls_error");
    }
    expect(isClientCertificate(ofClient("alice"))).toBe(true);
    await egress.close();
  });
});
