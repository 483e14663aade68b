export type { ExitCode, Io } from "./command.ts";
export { run } from "./run.ts";
