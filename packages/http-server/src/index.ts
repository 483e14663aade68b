export { createDrain } from "./drain.ts";
export { type ClientFault, createLimitedServer, type LimitedServerOptions } from "./server.ts";
