/** An event's envelope as JSON, of so many bytes. */
export function envelope(id: string, bytes: number): Buffer {
  const event = {
    id,
    type: "invoice.paid",
    version: "1.0.0",
    timestamp: new Date().toISOString(),
    source: "bench",
  };
  const rest = JSON.stringify({ ...event, data: { note: "" } }).length;
  return Buffer.from(JSON.stringify({ ...event, data: { note: "x".repeat(bytes - rest) } }));
}

/** Data of `invoice.paid` as its contract wants it, with the longest description that it allows: 0.8 kB as an envelope. */
export function invoicePaid(number: number) {
  return {
    object: {
      id: `inv_${number}`,
      total: { amount: 125_000, currency: "USD" },
      customer: { id: "cus_9Z", email: "ada@example.com" },
      description: "x".repeat(500),
      paid_at: "2026-03-02T11:05:12.250+01:00",
    },
  };
}
