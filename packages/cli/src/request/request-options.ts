import type { Options } from "../command.ts";

/** Options of the commands that are given a request. */
export const requestOptions = {
  secret: {
    type: "string",
    value: "SECRET",
    summary: "As the provider shows it; @FILE reads it from a file, env:NAME from the environment",
    repeatable: true,
  },
  body: {
    type: "string",
    value: "@FILE",
    summary:
      "The body: @FILE takes its bytes as they are, @- standard input, anything else is the body itself",
  },
  url: { type: "string", value: "URL", summary: "The full URL as the provider calls it; some sign it" },
  method: { type: "string", value: "METHOD", summary: "Some providers sign it", default: "POST" },
  setting: {
    type: "string",
    value: "NAME=VALUE",
    summary: "What the provider's row asks for besides; `hooks providers ID` says what",
    repeatable: true,
  },
} as const satisfies Options;
