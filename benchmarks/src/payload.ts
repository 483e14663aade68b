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
