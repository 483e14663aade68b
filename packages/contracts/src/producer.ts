export { build, contracts, validateEvent } from "./generated/producer.ts";
export type * from "./generated/producer.ts";
