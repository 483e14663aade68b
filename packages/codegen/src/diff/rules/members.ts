import type { Rule } from "./rule.ts";

export const memberRules = {
  PROP_ADDED_OPTIONAL: {
    means: "an object has a new optional member",
    subscriber: "depends",
    replay: "depends",
    handlers: "additive",
    bump: "minor",
    message: ({ where }) => `${where} is new and optional. Use it when it is there; ignoring it is safe.`,
  },
  PROP_ADDED_REQUIRED: {
    means: "an object has a new required member",
    subscriber: "depends",
    replay: "breaking",
    handlers: "additive",
    bump: "minor",
    message: ({ where }) =>
      `${where} is new and always sent from this version on. Events of the older version lack it: fill it in when replaying them.`,
  },
  PROP_REMOVED: {
    means: "a member of an object is no longer described",
    subscriber: "depends",
    replay: "depends",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) => `${where} is no longer sent. Stop reading it before you move to this version.`,
  },
  REQUIRED_ADDED: {
    means: "an optional member became required",
    subscriber: "ok",
    replay: "breaking",
    handlers: "narrower",
    bump: "major",
    message: ({ where }) =>
      `${where} is now always sent. Events of the older version may lack it: fill it in when replaying them.`,
  },
  REQUIRED_REMOVED: {
    means: "a required member became optional",
    subscriber: "breaking",
    replay: "ok",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) =>
      `${where} may now be missing. Handle its absence before you move to this version.`,
  },
  ADDITIONAL_OPENED: {
    means: "an object that had named members only may now have others",
    subscriber: "depends",
    replay: "depends",
    handlers: "additive",
    bump: "minor",
    message: ({ where }) =>
      `${where} may now have members that the contract does not name. Ignore those you do not know.`,
  },
  ADDITIONAL_CLOSED: {
    means: "an object that could have any members now has named ones only",
    subscriber: "depends",
    replay: "depends",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) =>
      `${where} no longer has members beyond those the contract names. Stop reading others.`,
  },
  ADDITIONAL_CHANGED: {
    means: "the schema of the members that are not named was added, removed or replaced",
    subscriber: "depends",
    replay: "depends",
    handlers: "breaks",
    bump: "major",
    message: ({ where }) =>
      `The members of ${where} that are not named follow another schema. Check how you read them.`,
  },
  PATTERN_MEMBERS_ADDED: {
    means: "members whose names match a pattern have a schema now",
    subscriber: "depends",
    replay: "depends",
    handlers: "additive",
    bump: "minor",
    message: ({ where, to }) => `${where} has a schema for members named like ${to} now.`,
  },
  PATTERN_MEMBERS_REMOVED: {
    means: "members whose names match a pattern have no schema any more",
    subscriber: "depends",
    replay: "depends",
    handlers: "breaks",
    bump: "major",
    message: ({ where, from }) => `${where} has no schema for members named like ${from} any more.`,
  },
} as const satisfies Record<string, Rule>;
