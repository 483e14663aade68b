export { createFetchKey } from "./fetch-key.ts";
export * from "./web.ts";
