import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { Agent } from "undici";

/** What a client proves who it is by, to servers that ask for it (mutual TLS). */
export interface ClientCertificate {
  /** PEM: its own certificate, then those of its issuers, if any. */
  readonly certificate: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

/** Whether it can be used: both can be read, and belong together. */
export function isClientCertificate({ certificate, key }: ClientCertificate): boolean {
  try {
    // What TLS takes: it would take nothing at all, too.
    createSecureContext({ cert: certificate, key });
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** `isClientCertificate`, once for each object. */
export function createCertificateCheck(): (certificate: ClientCertificate) => boolean {
  const known = new WeakMap<ClientCertificate, boolean>();
  return (certificate) => {
    const verdict = known.get(certificate) ?? isClientCertificate(certificate);
    known.set(certificate, verdict);
    return verdict;
  };
}

/** So many are kept; one that was not used for longest is closed when its requests are over. */
const MAX_AGENTS = 200;

/** Connections for each certificate, so that none is used for a request that was to prove somebody else. */
export interface Agents {
  of(certificate: ClientCertificate | undefined): Agent;
  /** Waits for requests under way. */
  close(): Promise<void>;
  /** Ends them. */
  destroy(): Promise<void>;
}

export function createAgents(open: (certificate?: ClientCertificate) => Agent): Agents {
  const plain = open();
  const agents = new Map<string, Agent>();
  const names = new WeakMap<ClientCertificate, string>();
  const nameOf = (certificate: ClientCertificate): string => {
    const known = names.get(certificate);
    if (known !== undefined) return known;
    const name = createHash("sha256").update(JSON.stringify(certificate)).digest("base64url");
    names.set(certificate, name);
    return name;
  };
  return {
    of(certificate) {
      if (certificate === undefined) return plain;
      const name = nameOf(certificate);
      const agent = agents.get(name) ?? open(certificate);
      agents.delete(name);
      agents.set(name, agent);
      const [oldest] = agents;
      if (agents.size > MAX_AGENTS && oldest !== undefined) {
        agents.delete(oldest[0]);
        void oldest[1].close();
      }
      return agent;
    },
    async close() {
      await Promise.all([plain, ...agents.values()].map((agent) => agent.close()));
    },
    async destroy() {
      await Promise.all([plain, ...agents.values()].map((agent) => agent.destroy()));
    },
  };
}
