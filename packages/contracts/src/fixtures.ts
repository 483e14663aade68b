export {
  exampleEvent,
  examples,
  invalidExamples,
  maximal,
  minimal,
  mutants,
  random,
  type Example,
  type InvalidExample,
  type Mutant,
} from "./generated/fixtures.ts";
