export { isEvent, isVersion, parseEvent } from "./generated/index.ts";
export type * from "./generated/index.ts";
