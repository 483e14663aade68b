import { nothingToDo, type Rule } from "./rule.ts";

const unsure = { subscriber: "breaking", replay: "breaking", handlers: "same", bump: "minor" } as const;

export const wholeRules = {
  UNION_BRANCH_ADDED: {
    means: "a value has a new alternative",
    subscriber: "depends",
    replay: "ok",
    handlers: "breaks",
    bump: "minor",
    message: ({ where, to }) => `${where} may now be ${to}.`,
    action: "Handle the new alternative, or fall back to a default.",
  },
  UNION_BRANCH_REMOVED: {
    means: "an alternative of a value is gone",
    subscriber: "ok",
    replay: "depends",
    handlers: "narrower",
    bump: "minor",
    message: ({ where, from }) => `${where} is no longer ${from}.`,
    action: "Go on handling it in events of the older version.",
  },
  OPEN_UNION_ON: {
    means: "the alternatives of a value were declared open",
    subscriber: "ok",
    replay: "ok",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) => `${where} may get new alternatives in later minor versions.`,
    action: "Add a default case.",
  },
  OPEN_UNION_OFF: {
    means: "open alternatives of a value were declared complete",
    subscriber: "ok",
    replay: "ok",
    handlers: "narrower",
    bump: "minor",
    message: ({ where }) => `${where} gets no new alternatives within this major version any more.`,
    action: nothingToDo,
  },
  UNION_CHANGED: {
    ...unsure,
    means: "the unions of a value cannot be matched with each other",
    message: ({ where }) => `The alternatives of ${where} changed beyond what can be told apart.`,
    action: "Read it by the version of the event.",
  },
  CONSTRAINT_ADDED: {
    ...unsure,
    subscriber: "ok",
    means: "a condition that is compared as a whole was added",
    message: ({ where, keyword }) => `${keyword} now limits ${where}.`,
    action: "Go on accepting events of the older version that do not fulfil it.",
  },
  CONSTRAINT_REMOVED: {
    ...unsure,
    replay: "ok",
    means: "a condition that is compared as a whole was removed",
    message: ({ where, keyword }) => `${keyword} no longer limits ${where}.`,
    action: "Take out what counts on it, or check it yourself.",
  },
  CONSTRAINT_CHANGED: {
    ...unsure,
    means: "a condition that is compared as a whole was replaced",
    message: ({ where, keyword }) => `${keyword} of ${where} changed.`,
    action: "Check what you take for granted, and read it by the version of the event.",
  },
  UNKNOWN_KEYWORD_CHANGED: {
    ...unsure,
    means: "a keyword whose meaning is not known changed",
    message: ({ where, keyword }) => `${keyword} of ${where} changed, and what that means is not known.`,
    action: "Find out what it means before you move to this version.",
  },
  COUNTEREXAMPLE: {
    ...unsure,
    means: "a payload was refused though no single change explains it",
    message: ({ where }) => `A payload of one version is refused by the other at ${where}.`,
    action: "Look at the payload, and handle what it shows before you move to this version.",
  },
  COMPARISON_LIMIT: {
    ...unsure,
    means: "the contracts are too large to be compared to the end",
    message: () => "The contracts are too large to be compared to the end.",
    action: "Read events by their version, as after any break.",
  },
} as const satisfies Record<string, Rule>;
