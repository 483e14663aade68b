import type { Rule } from "./rule.ts";

const tightened = { subscriber: "ok", replay: "breaking", handlers: "same", bump: "minor" } as const;
const loosened = { subscriber: "breaking", replay: "ok", handlers: "same", bump: "minor" } as const;
const changed = { subscriber: "breaking", replay: "breaking", handlers: "same", bump: "minor" } as const;

export const limitRules = {
  BOUND_LOOSENED: {
    ...loosened,
    means: "a length, count or number has more room",
    message: ({ where, keyword, from, to }) =>
      `${keyword} of ${where} went from ${from} to ${to}: there is more room. Check columns and buffers made for the old limit.`,
  },
  BOUND_TIGHTENED: {
    ...tightened,
    means: "a length, count or number has less room",
    message: ({ where, keyword, from, to }) =>
      `${keyword} of ${where} went from ${from} to ${to}: there is less room. Events of the older version may be beyond it.`,
  },
  MULTIPLE_OF_CHANGED: {
    means: "a number is a multiple of something else",
    subscriber: "depends",
    replay: "depends",
    handlers: "same",
    bump: "minor",
    message: ({ where, from, to }) => `${where} was a multiple of ${from} and is now one of ${to}.`,
  },
  PATTERN_ADDED: {
    ...tightened,
    means: "a text has to match a pattern it did not have to",
    message: ({ where, to }) => `${where} now matches ${to}. Events of the older version may not.`,
  },
  PATTERN_REMOVED: {
    ...loosened,
    means: "a text no longer has to match a pattern",
    message: ({ where, from }) => `${where} no longer has to match ${from}. Do not rely on it.`,
  },
  PATTERN_CHANGED: {
    ...changed,
    means: "a text has to match another pattern",
    message: ({ where, from, to }) =>
      `${where} matched ${from} and now matches ${to}. Check how you parse it.`,
  },
  FORMAT_ADDED: {
    ...tightened,
    means: "a text has to have a format it did not have to",
    message: ({ where, to }) => `${where} now has the format ${to}. Events of the older version may not.`,
  },
  FORMAT_REMOVED: {
    ...loosened,
    means: "a text no longer has to have a format",
    message: ({ where, from }) =>
      `${where} may now be something else than ${from}. Do not parse it as such unchecked.`,
  },
  FORMAT_CHANGED: {
    ...changed,
    means: "a text has another format",
    message: ({ where, from, to }) =>
      `${where} had the format ${from} and now has ${to}. Parse it by version.`,
  },
  UNIQUE_ITEMS_ADDED: {
    ...tightened,
    means: "the elements of a list have to differ",
    message: ({ where }) =>
      `${where} no longer holds the same element twice. Events of the older version may.`,
  },
  UNIQUE_ITEMS_REMOVED: {
    ...loosened,
    means: "the elements of a list may be equal",
    message: ({ where }) => `${where} may now hold the same element twice.`,
  },
} as const satisfies Record<string, Rule>;
