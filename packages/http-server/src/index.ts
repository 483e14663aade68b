export { createDrain, type DrainStage, type Meet } from "./drain.ts";
export { listenProblem } from "./listen-problem.ts";
export { type ClientFault, createLimitedServer, type LimitedServerOptions } from "./server.ts";
