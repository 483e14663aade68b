import { generateKeyPairSync } from "node:crypto";
import { createServer as createTcpServer } from "node:net";
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from "node:tls";
import { makeCertificate } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEgress } from "./index.ts";
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

async function request(port: number): Promise<number | string> {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8", "::1"], connectTimeoutMs: 300 });
  const url = `https://localhost:${port}/`;
  const result = await egress.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
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
    expect(await request(await listen(createTcpServer(() => {})))).toBe("timeout");
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
