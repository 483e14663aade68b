import { generateKeyPairSync } from "node:crypto";
import { makeCertificate } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createCertificateStore, readCertificate } from "./certificate.ts";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const key = rsa();
const authority = { key: rsa(), commonName: "Authority" };
const now = 1_795_220_135;
const url = "https://certs.example/a.pem";
const policy = { url: /^https:\/\/certs\.example\/[a-z]{1,9}\.pem$/ };

function storeOf(pem: string | undefined, seen: string[] = []) {
  return createCertificateStore(policy, ({ url }) => {
    seen.push(url);
    return pem === undefined ? Promise.reject(new Error("no answer")) : Promise.resolve(pem);
  });
}

describe("readCertificate", () => {
  it("reads a certificate and the chain behind it", () => {
    const leaf = makeCertificate({ key, commonName: "leaf.example", issuer: authority });
    const root = makeCertificate({ ...authority, isAuthority: true });
    expect(readCertificate(leaf)).toMatchObject({
      validFrom: Date.UTC(2020, 0) / 1000,
      validTo: Date.UTC(2049, 0) / 1000,
    });
    expect(readCertificate(`${leaf}\n${root}`)?.key.equals(readCertificate(leaf)!.key)).toBe(true);
  });

  it.each([
    ["no certificate", "hello"],
    [
      "a broken one",
      makeCertificate({ key, commonName: "a" })
        .replace(/[A-Z]{4}\n/, "AAAA\n")
        .replace("MII", "MIA"),
    ],
    [
      "an EC key",
      makeCertificate({
        key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
        commonName: "a",
      }),
    ],
    [
      "a short RSA key",
      makeCertificate({
        key: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
        commonName: "a",
      }),
    ],
    ["too many", makeCertificate({ key, commonName: "a", isAuthority: true }).repeat(6)],
  ])("is nothing for %s", (_name, pem) => {
    expect(readCertificate(pem)).toBeUndefined();
  });

  it("is nothing when a certificate behind it did not issue it, or is no authority", () => {
    const leaf = makeCertificate({ key, commonName: "leaf.example", issuer: authority });
    const namesake = makeCertificate({ key: rsa(), commonName: "Authority", isAuthority: true });
    const powerless = makeCertificate({ ...authority });
    const stranger = makeCertificate({ key: authority.key, commonName: "Stranger", isAuthority: true });
    for (const issuer of [namesake, powerless, stranger])
      expect(readCertificate(leaf + issuer)).toBeUndefined();
  });

  it("wants one common name, and the right one", () => {
    const names = ["leaf.example"];
    expect(readCertificate(makeCertificate({ key, commonName: "leaf.example" }), names)).toBeDefined();
    for (const commonName of ["leaf.example.evil", "evil/CN=leaf.example", "evil\nCN=leaf.example", ""]) {
      expect(readCertificate(makeCertificate({ key, commonName }), names)).toBeUndefined();
    }
  });
});

describe("createCertificateStore", () => {
  const pem = makeCertificate({ key, commonName: "a" });

  it.each([
    "http://certs.example/a.pem",
    "https://certs.example.evil/a.pem",
    "https://evil/certs.example/a.pem",
    "https://certs.example@evil/a.pem",
    "https://certs.example:8443/a.pem",
    "https://certs.example/a.pem?x",
    "https://certs.example/a.pem#x",
    "https://certs.example/../a.pem",
    "https://certs.example/%61.pem",
    "https://CERTS.example/a.pem",
    "https://certs.example/a.pem\n",
    " https://certs.example/a.pem",
    `https://certs.example/${"a".repeat(600)}.pem`,
    "",
  ])("fetches nothing from %j", async (address) => {
    const seen: string[] = [];
    expect(await storeOf(pem, seen).find(address, now)).toMatchObject({ reason: "malformed_header" });
    expect(seen).toEqual([]);
  });

  it("judges the dates by the request's clock", async () => {
    const store = storeOf(pem);
    expect(await store.find(url, now)).toMatchObject({ validTo: Date.UTC(2049, 0) / 1000 });
    expect(await store.find(url, Date.UTC(2049, 0) / 1000 + 1)).toMatchObject({ reason: "no_matching_key" });
    expect(await store.find(url, Date.UTC(2020, 0) / 1000 - 1)).toMatchObject({ reason: "no_matching_key" });
  });

  it("is key_unavailable without an answer, for an answer that is no certificate, or without a client", async () => {
    const withoutClient = createCertificateStore(policy, undefined);
    for (const store of [storeOf(undefined), storeOf("hello"), storeOf("x".repeat(70_000)), withoutClient]) {
      expect(await store.find(url, now)).toMatchObject({ reason: "key_unavailable" });
    }
  });
});
