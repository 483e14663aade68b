import type { Rule } from "./rule.ts";

const tightened = { subscriber: "ok", replay: "breaking", handlers: "same", bump: "minor" } as const;
const loosened = { subscriber: "breaking", replay: "ok", handlers: "same", bump: "minor" } as const;
const changed = { subscriber: "breaking", replay: "breaking", handlers: "same", bump: "minor" } as const;

export const limitRules = {
  BOUND_LOOSENED: {
    ...loosened,
    means: "a length, count or number has more room",
    message: ({ where, keyword, from, to }) =>
      `${keyword} of ${where} went from ${from} to ${to}: there is more room.`,
    action: "Check columns, buffers and checks made for the old limit.",
  },
  BOUND_TIGHTENED: {
    ...tightened,
    means: "a length, count or number has less room",
    message: ({ where, keyword, from, to }) =>
      `${keyword} of ${where} went from ${from} to ${to}: there is less room.`,
    action: "Go on accepting what is beyond it in events of the older version.",
  },
  MULTIPLE_OF_CHANGED: {
    means: "a number is a multiple of something else",
    subscriber: "depends",
    replay: "depends",
    handlers: "same",
    bump: "minor",
    message: ({ where, from, to }) => `${where} was a multiple of ${from} and is now one of ${to}.`,
    action: "Check rounding and units that count on the old steps.",
  },
  PATTERN_ADDED: {
    ...tightened,
    means: "a text has to match a pattern it did not have to",
    message: ({ where, to }) => `${where} now matches ${to}.`,
    action: "Go on accepting events of the older version that do not match.",
  },
  PATTERN_REMOVED: {
    ...loosened,
    means: "a text no longer has to match a pattern",
    message: ({ where, from }) => `${where} no longer has to match ${from}.`,
    action: "Take out what counts on it, or check it yourself.",
  },
  PATTERN_CHANGED: {
    ...changed,
    means: "a text has to match another pattern",
    message: ({ where, from, to }) => `${where} matched ${from} and now matches ${to}.`,
    action: "Check how you parse it, and parse events of the older version as before.",
  },
  FORMAT_ADDED: {
    ...tightened,
    means: "a text has to have a format it did not have to",
    message: ({ where, to }) => `${where} now has the format ${to}.`,
    action: "Go on accepting events of the older version that have not.",
  },
  FORMAT_REMOVED: {
    ...loosened,
    means: "a text no longer has to have a format",
    message: ({ where, from }) => `${where} may now be something else than ${from}.`,
    action: "Do not parse it as such unchecked.",
  },
  FORMAT_CHANGED: {
    ...changed,
    means: "a text has another format",
    message: ({ where, from, to }) => `${where} had the format ${from} and now has ${to}.`,
    action: "Parse it by the version of the event.",
  },
  UNIQUE_ITEMS_ADDED: {
    ...tightened,
    means: "the elements of a list have to differ",
    message: ({ where }) => `${where} no longer holds the same element twice.`,
    action: "Go on accepting duplicates in events of the older version.",
  },
  UNIQUE_ITEMS_REMOVED: {
    ...loosened,
    means: "the elements of a list may be equal",
    message: ({ where }) => `${where} may now hold the same element twice.`,
    action: "Do not use its elements as keys unchecked.",
  },
} as const satisfies Record<string, Rule>;
