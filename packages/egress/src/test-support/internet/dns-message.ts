/** A question as it came, and where it ends in the message. */
export interface Question {
  readonly name: string;
  readonly type: number;
  readonly end: number;
}

export type DnsRecord =
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "CNAME"; readonly name: string };

export const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;

/** The first question of a DNS message (RFC 1035). */
export function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** What an answer says besides its records. */
export interface AnswerFlags {
  readonly code: number;
  readonly isTruncated: boolean;
}

/** The answer to a query; a CNAME is followed by the records of the name it gives. */
export function writeAnswer(
  query: Buffer,
  records: readonly DnsRecord[],
  { code, isTruncated }: AnswerFlags,
): Buffer {
  const { name, end } = readQuestion(query);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (isTruncated ? 0x0200 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isTruncated ? 0 : records.length, 6);
  let owner = name;
  const answers = records.map((record) => {
    const data = record.type === "CNAME" ? nameBytes(record.name) : addressBytes(record.address);
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(TYPES[record.type], 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt16BE(data.length, 8);
    const bytes = Buffer.concat([nameBytes(owner), fixed, data]);
    if (record.type === "CNAME") owner = record.name;
    return bytes;
  });
  return Buffer.concat([header, query.subarray(12, end), ...(isTruncated ? [] : answers)]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(`\0${label}`, "latin1").fill(label.length, 0, 1));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** Of a dotted IPv4 address, or an IPv6 address that may be shortened and may end in a dotted one. */
function addressBytes(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const hostname = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [before = "", after] = hostname.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail].map((group) => group.padStart(4, "0"));
  return Buffer.from(groups.join(""), "hex");
}
