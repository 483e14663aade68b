export { describeDedupe, type DedupeTestOptions, type DedupeUnderTest } from "./dedupe/conformance.ts";
export { type Arrival, describeDestination, type DestinationUnderTest } from "./destinations/conformance.ts";
export { describeInbox, type InboxUnderTest, type TestClock } from "./inbox/conformance.ts";
