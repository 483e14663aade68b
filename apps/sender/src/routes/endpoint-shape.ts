import { parseSchedule } from "@hooks/retry";
import {
  choice,
  described,
  integer,
  list,
  number,
  object,
  record,
  refuse,
  type Shape,
  text,
} from "../shape.ts";

const waits = list(integer({ min: 0, max: 7 * 24 * 60 * 60 * 1_000 }), { min: 1, max: 50 });

/** Waits before each attempt: milliseconds, or a text such as `1m, 5m, 30m, 2h, 12h`. */
const schedule: Shape<readonly number[]> = {
  schema: {
    oneOf: [waits.schema, { type: "string", maxLength: 1_000, examples: ["1m, 5m, 30m, 2h, 12h"] }],
    description: "The wait before each attempt, in milliseconds or as a text with units (ms s m h d)",
  },
  read(value, at) {
    if (typeof value !== "string") return waits.read(value, at);
    const parsed = parseSchedule(value.slice(0, 1_001));
    return parsed.ok ? parsed.schedule : refuse(at, "waits such as 1m, 5m, 30m, 2h, 12h", value);
  },
};

/** What can be said about an endpoint when it is made, and changed later. The sender judges the contents. */
export const endpointMembers = {
  url: described(text({ max: 4_096 }), "Where deliveries are sent, https"),
  description: text({ min: 0, max: 512 }),
  eventTypes: described(
    list(text({ max: 128 }), { max: 100 }),
    "Exact types or `resource.*`; none means all",
  ),
  headers: described(record(text({ max: 1_024 }), { max: 20 }), "Sent with every delivery"),
  schedule,
  ordering: described(
    choice(["none", "subject", "endpoint"]),
    "The next of a subject, or of the endpoint, is sent when the one before was delivered, given up or cancelled",
  ),
  rateLimit: described(
    object({ perSecond: number({ min: 0.001, max: 10_000 }), burst: integer({ min: 1, max: 10_000 }) }, {}),
    "Requests a second on average, and at once after a pause",
  ),
  clientCertificate: described(
    object({ certificate: text({ max: 16_384 }), key: text({ max: 16_384 }) }, {}),
    "Shown to the endpoint where it asks who sends (mutual TLS), as PEM; the key is never shown again",
  ),
  versions: described(
    record(text({ max: 16 }), { max: 1_000 }),
    "Event type to the major that it is delivered in; types left out keep theirs, a new endpoint gets the newest",
  ),
  featureFlags: described(
    list(text({ max: 64 }), { max: 50 }),
    "Features whose events and members are delivered; others are withheld",
  ),
};
