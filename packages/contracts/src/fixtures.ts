export { examples, invalidExamples } from "./generated/fixtures.ts";
