/** The server's clock in Unix milliseconds, for use in statements. It goes on within a transaction. */
export const CLOCK_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
