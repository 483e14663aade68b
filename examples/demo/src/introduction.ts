import { newEvent } from "./contract-events.ts";
import type { Screen } from "./screen.ts";
import type { Stack } from "./stack.ts";

/** What runs where. */
export function introduce(screen: Screen, { senderUrl, gatewayUrl, consumerUrl }: Stack): void {
  screen.places([
    { name: "sender", url: senderUrl, role: "checks events against their contracts,\ndelivers them signed" },
    { name: "gateway", url: gatewayUrl, role: "verifies, deduplicates, forwards\n(/in/billing, /in/github)" },
    { name: "consumer", url: consumerUrl, role: "an application with typed handlers" },
  ]);
}

/** What one can do while it keeps running. */
export function invite(screen: Screen, { senderUrl, apiKey }: Stack): void {
  const { type, data } = newEvent(0);
  screen.title("It keeps running, with an event every 3 seconds. Ctrl-C ends it.");
  screen.say(`Publish one yourself, in another terminal:\n
curl ${senderUrl}/v1/events -H "authorization: Bearer ${apiKey}" \\
  -H "content-type: application/json" \\
  -d '${JSON.stringify({ type, data })}'\n`);
}
