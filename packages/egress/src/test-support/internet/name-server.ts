import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { type DnsRecord, readQuestion, TYPES, writeAnswer } from "./dns-message.ts";

/** What a name answers; `asked` counts the questions of this type for it, from 1. */
export type NameBehaviour = (
  type: "A" | "AAAA",
  asked: number,
) => readonly DnsRecord[] | "silence" | "failure";

export interface NameServerOptions {
  readonly address: string;
  /** Behaviours by name; every other name does not exist. */
  readonly names: Readonly<Record<string, NameBehaviour>>;
}

const CODES = { fine: 0, failure: 2, noSuchName: 3 } as const;
const MAX_UDP_BYTES = 512;

export interface NameServer {
  /** Counts questions from the beginning again. */
  forget(): void;
}

/** A DNS server that answers as it is told, by UDP and, where that is too short, by TCP. */
export async function startNameServer({ address, names }: NameServerOptions): Promise<NameServer> {
  const asked = new Map<string, number>();

  const answer = (query: Buffer): Buffer | undefined => {
    const { name, type } = readQuestion(query);
    const behaviour = names[name];
    if (behaviour === undefined)
      return writeAnswer(query, [], { code: CODES.noSuchName, isTruncated: false });
    if (type !== TYPES.A && type !== TYPES.AAAA)
      return writeAnswer(query, [], { code: CODES.fine, isTruncated: false });
    const key = `${name} ${type}`;
    const count = (asked.get(key) ?? 0) + 1;
    asked.set(key, count);
    const records = behaviour(type === TYPES.A ? "A" : "AAAA", count);
    if (records === "silence") return undefined;
    if (records === "failure") return writeAnswer(query, [], { code: CODES.failure, isTruncated: false });
    return writeAnswer(query, records, { code: CODES.fine, isTruncated: false });
  };

  const udp = createSocket("udp4");
  udp.on("message", (query, peer) => {
    const message = answer(query);
    if (message === undefined) return;
    const short =
      message.length <= MAX_UDP_BYTES
        ? message
        : writeAnswer(query, [], { code: CODES.fine, isTruncated: true });
    udp.send(short, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => udp.bind(53, address, resolve));

  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const message = answer(data.subarray(2));
      if (message === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.end(Buffer.concat([length, message]));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(53, address, resolve));
  return { forget: () => asked.clear() };
}
