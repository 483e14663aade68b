import type { Rule } from "./rule.ts";

export const valueRules = {
  TYPE_WIDENED: {
    means: "a value may have more types",
    subscriber: "breaking",
    replay: "ok",
    handlers: "breaks",
    bump: "major",
    message: ({ where, from, to }) => `${where} was ${from} and may now be ${to}. Handle the new type first.`,
  },
  TYPE_NARROWED: {
    means: "a value may have fewer types",
    subscriber: "ok",
    replay: "breaking",
    handlers: "narrower",
    bump: "major",
    message: ({ where, from, to }) =>
      `${where} was ${from} and is now ${to} only. Events of the older version may still hold the other type.`,
  },
  TYPE_CHANGED: {
    means: "a value has another type",
    subscriber: "breaking",
    replay: "breaking",
    handlers: "breaks",
    bump: "major",
    message: ({ where, from, to }) => `${where} was ${from} and is now ${to}. Read it by version.`,
  },
  NULLABLE_ADDED: {
    means: "a value may be null",
    subscriber: "breaking",
    replay: "ok",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) => `${where} may now be null. Handle null before you move to this version.`,
  },
  NULLABLE_REMOVED: {
    means: "a value may no longer be null",
    subscriber: "ok",
    replay: "breaking",
    handlers: "narrower",
    bump: "major",
    message: ({ where }) => `${where} is no longer null. Events of the older version may still hold null.`,
  },
  CONST_CHANGED: {
    means: "a constant has another value",
    subscriber: "breaking",
    replay: "breaking",
    handlers: "breaks",
    bump: "major",
    message: ({ where, from, to }) =>
      `${where} was always ${from} and is now always ${to}. Compare with both.`,
  },
  ENUM_VALUE_ADDED: {
    means: "a list of values has new ones",
    subscriber: "depends",
    replay: "depends",
    handlers: "additive",
    bump: "minor",
    message: ({ where, to }) => `${where} may now be ${to}. Handle it, or fall back to a default.`,
  },
  ENUM_VALUE_REMOVED: {
    means: "values have left a list",
    subscriber: "depends",
    replay: "depends",
    handlers: "narrower",
    bump: "minor",
    message: ({ where, from }) =>
      `${where} is no longer ${from}. Events of the older version may still hold it.`,
  },
  ENUM_ADDED: {
    means: "a value is now one of a list",
    subscriber: "depends",
    replay: "depends",
    handlers: "narrower",
    bump: "minor",
    message: ({ where, to }) => `${where} is now one of ${to}. Events of the older version may hold others.`,
  },
  ENUM_REMOVED: {
    means: "a value is no longer one of a list",
    subscriber: "depends",
    replay: "depends",
    handlers: "breaks",
    bump: "major",
    message: ({ where, from }) =>
      `${where} was one of ${from} and is now limited no more. Add a default case.`,
  },
  OPEN_ENUM_ON: {
    means: "a list of values was declared open",
    subscriber: "ok",
    replay: "ok",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) => `${where} may get new values in later minor versions. Add a default case.`,
  },
  OPEN_ENUM_OFF: {
    means: "an open list of values was declared complete",
    subscriber: "ok",
    replay: "ok",
    handlers: "narrower",
    bump: "minor",
    message: ({ where }) => `${where} gets no new values within this major version any more.`,
  },
} as const satisfies Record<string, Rule>;
