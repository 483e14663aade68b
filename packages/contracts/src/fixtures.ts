export { exampleEvent, examples, invalidExamples } from "./generated/fixtures.ts";
