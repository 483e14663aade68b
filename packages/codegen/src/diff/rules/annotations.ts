import { nothingToDo, type Rule } from "./rule.ts";

const harmless = { subscriber: "ok", replay: "ok", handlers: "same" } as const;

export const annotationRules = {
  DESCRIPTION_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "a text for people changed",
    message: ({ where }) => `The description of ${where} was rewritten.`,
    action: nothingToDo,
  },
  TITLE_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "a title changed",
    message: ({ where }) => `The title of ${where} changed.`,
    action: nothingToDo,
  },
  EXAMPLES_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "examples changed",
    message: ({ where }) => `The examples of ${where} changed.`,
    action: nothingToDo,
  },
  DEFAULT_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "the default, which validators do not fill in, changed",
    message: ({ where, from, to }) => `The default of ${where} was ${from} and is now ${to}.`,
    action: "Check what you assume when it is missing.",
  },
  DEPRECATED_ADDED: {
    ...harmless,
    bump: "minor",
    means: "something was deprecated",
    message: ({ where }) => `${where} is deprecated.`,
    action: "Stop relying on it before it is removed.",
  },
  DEPRECATED_REMOVED: {
    ...harmless,
    bump: "minor",
    means: "something is deprecated no more",
    message: ({ where }) => `${where} is no longer deprecated.`,
    action: nothingToDo,
  },
  DEPRECATION_CHANGED: {
    ...harmless,
    bump: "minor",
    means: "the dates or the alternative of a deprecation changed",
    message: ({ where }) => `The deprecation of ${where} has new terms.`,
    action: "Check the date of removal, and be done with it by then.",
  },
  LIFECYCLE_ADVANCED: {
    ...harmless,
    bump: "minor",
    means: "a contract moved on in its life",
    message: ({ from, to }) => `The contract was ${from} and is now ${to}.`,
    action: "Nothing to do, unless it is on its way out: then plan for its end.",
  },
  LIFECYCLE_REVERSED: {
    ...harmless,
    bump: "major",
    means: "a contract promises less than it did",
    message: ({ from, to }) => `The contract was ${from} and is now ${to}: it may change without notice.`,
    action: "Stay on the version before unless you can bear with changes within a major.",
  },
  FEATURE_FLAG_CHANGED: {
    ...harmless,
    bump: "minor",
    means: "who receives something changed",
    message: ({ where, from, to }) => `${where} was sent with flags ${from} and is now sent with ${to}.`,
    action: "Ask for the flags you need, and count on nothing that is behind one you lack.",
  },
  SENSITIVE_ADDED: {
    ...harmless,
    bump: "minor",
    means: "something was marked as sensitive",
    message: ({ where, to }) => `${where} is now marked as ${to}.`,
    action: "Keep it out of logs.",
  },
  SENSITIVE_REMOVED: {
    ...harmless,
    bump: "major",
    means: "something is marked as sensitive no more, or as another kind; have it reviewed",
    message: ({ where, from, to }) => `${where} was marked as ${from} and is now ${to}.`,
    action:
      "Have it reviewed whether you may handle it in another way now, and protect it as before until then.",
  },
  REDACT_CHANGED: {
    ...harmless,
    bump: "minor",
    means: "something sensitive is hidden in another way",
    message: ({ where, from, to }) => `${where} was hidden by ${from} and is now by ${to}.`,
    action: "Do not compare what is logged of it now with what was logged before.",
  },
  EVENT_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "the catalogue says something else about the event",
    message: () => "What the catalogue says about the event changed.",
    action: nothingToDo,
  },
  ANNOTATION_CHANGED: {
    ...harmless,
    bump: "patch",
    means: "an annotation without a meaning of its own changed",
    message: ({ where, keyword }) => `${keyword} of ${where} changed.`,
    action: nothingToDo,
  },
  RESTATED: {
    ...harmless,
    bump: "patch",
    means: "the same contract is written in another way",
    message: () => "The contract is written in another way and means the same.",
    action: nothingToDo,
  },
} as const satisfies Record<string, Rule>;
