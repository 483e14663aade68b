import { roll, type Dice } from "../runtime/dice.ts";

interface FormatTexts {
  /** The plainest first; then other spellings of the same format. */
  readonly valid: readonly string[];
  /** What nearly has the format. */
  readonly broken: readonly string[];
  readonly random?: (dice: Dice) => string;
}

const digits = (dice: Dice, count: number, radix = 10) =>
  Array.from({ length: count }, () => roll(dice, 0, radix - 1).toString(radix)).join("");
const two = (dice: Dice, low: number, high: number) => String(roll(dice, low, high)).padStart(2, "0");
const day = (dice: Dice) => `20${digits(dice, 2)}-${two(dice, 1, 12)}-${two(dice, 1, 28)}`;
const time = (dice: Dice) => `${two(dice, 0, 23)}:${two(dice, 0, 59)}:${two(dice, 0, 59)}`;

const table: Readonly<Record<string, FormatTexts>> = {
  "date-time": {
    valid: [
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:00.123Z",
      "2024-02-29T23:59:59.123456789+05:30",
      "1999-12-31t23:59:60z",
      "2026-01-01T00:00:00-00:00",
    ],
    broken: ["2026-01-01T00:00:00", "2026-01-01", "2026-13-01T00:00:00Z", "tomorrow"],
    random: (dice) => `${day(dice)}T${time(dice)}.${digits(dice, 3)}Z`,
  },
  date: {
    valid: ["2026-01-01", "2024-02-29", "1999-12-31"],
    broken: ["2026-02-30", "01.01.2026", "2026-1-1"],
    random: day,
  },
  time: {
    valid: ["00:00:00Z", "23:59:59.999+05:30"],
    broken: ["25:00:00Z", "noon"],
    random: (dice) => `${time(dice)}Z`,
  },
  duration: { valid: ["P1D", "PT0S", "P1Y2M3DT4H5M6S", "P2W"], broken: ["P", "1 day"] },
  email: {
    valid: ["a@example.com", "ada.lovelace+hooks@mail.example.co.uk"],
    broken: ["a.example.com", "a@", "a b@example.com"],
    random: (dice) => `user${digits(dice, 5)}@example.com`,
  },
  hostname: { valid: ["example.com", "a", "xn--bcher-kva.example"], broken: ["-a.example", "a b"] },
  ipv4: { valid: ["192.0.2.1", "0.0.0.0", "255.255.255.255"], broken: ["192.0.2.256", "192.0.2"] },
  ipv6: { valid: ["2001:db8::1", "::", "::ffff:192.0.2.1"], broken: ["2001:db8::g", ":::"] },
  uri: {
    valid: [
      "https://example.com",
      "https://example.com:8443/a/b?c=d#e",
      "urn:uuid:6f1c1e1a-4c5e-4b86-9d3c-0f6a0a5d9a11",
    ],
    broken: ["/relative", "https://", "no uri"],
    random: (dice) => `https://example.com/${digits(dice, 8, 36)}`,
  },
  "uri-reference": { valid: ["https://example.com", "/a", "", "#b"], broken: ["\\\\a", "a b"] },
  "uri-template": { valid: ["https://example.com/{id}", "/a{?b,c}"], broken: ["{", "/a{b"] },
  iri: { valid: ["https://example.com", "https://example.com/ä"], broken: ["/relative", "no iri"] },
  uuid: {
    valid: ["6f1c1e1a-4c5e-4b86-9d3c-0f6a0a5d9a11", "6F1C1E1A-4C5E-4B86-9D3C-0F6A0A5D9A11"],
    broken: ["6f1c1e1a4c5e4b869d3c0f6a0a5d9a11", "6f1c1e1a-4c5e-4b86-9d3c-0f6a0a5d9a1g"],
    random: (dice) => [8, 4, 4, 4, 12].map((count) => digits(dice, count, 16)).join("-"),
  },
  "json-pointer": { valid: ["", "/a~1b/0"], broken: ["a", "/~2"] },
  "relative-json-pointer": { valid: ["0", "1/a", "0#"], broken: ["/a", "-1"] },
  regex: { valid: ["^a$", ""], broken: ["(", "["] },
};

/** Texts of a format; of one that is not in the table, none. */
export function formatTexts(format: string): FormatTexts {
  return (Object.hasOwn(table, format) ? table[format] : undefined) ?? { valid: [], broken: [] };
}
