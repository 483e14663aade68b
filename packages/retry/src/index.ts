export { breaker, createBreaker } from "./breaker.ts";
export type { Admission, Breaker, BreakerOptions, BreakerSlice, BreakerState } from "./breaker.ts";
export { nextDelayMs } from "./next-delay.ts";
export type { NextDelayOptions } from "./next-delay.ts";
export { parseRetryAfter } from "./retry-after.ts";
export { defaultSchedule, parseSchedule, presets } from "./schedule.ts";
export type { ParsedSchedule, Schedule } from "./schedule.ts";
