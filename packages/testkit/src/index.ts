export { type App, spawnApp, type SpawnAppOptions } from "./app.ts";
export { type Child, type ChildOptions, startChild } from "./child.ts";
export { freePort } from "./free-port.ts";
export { type RedisServer, type RedisServerOptions, startRedis } from "./redis.ts";
export { type Availability, findServer, requireServer } from "./require-server.ts";
export { type ServerName, type ServerRow, servers } from "./servers.ts";
export { type Sink, type SinkAnswer, type SinkRequest, startSink } from "./sink.ts";
export { createTemporaryFolder } from "./temporary-folder.ts";
export { until, type UntilOptions } from "./until.ts";
