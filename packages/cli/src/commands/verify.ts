import type { ProviderVerification } from "@hooks/signing/providers";
import { defineCommand, exitCode } from "../command.ts";
import { misuse } from "../failure.ts";
import { tryAttempt, type Attempt } from "../explain/attempt.ts";
import { explain, type Explanation } from "../explain/explain.ts";
import { printJson } from "../output.ts";
import { createFetchKey } from "../request/fetch-key.ts";
import { findProvider } from "../request/find-provider.ts";
import { readBody, readHeaders, readInstant, readSecrets, readSettings } from "../request/read-values.ts";
import { requestOptions } from "../request/request-options.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    provider: {
      type: "string",
      value: "ID",
      summary: "Whose scheme the request follows; `hooks providers` lists them",
      required: true,
    },
    ...requestOptions,
    header: {
      type: "string",
      value: '"NAME: VALUE"',
      summary: "A header of the request; @FILE has one a line",
      repeatable: true,
    },
    now: { type: "string", value: "TIME", summary: "The clock to verify by: Unix seconds or RFC 3339" },
    tolerance: {
      type: "string",
      value: "SECONDS",
      summary: "How far the timestamp may be off (default: what the provider says, mostly 300)",
    },
    explain: { type: "boolean", summary: "Find out why it is refused" },
    json: { type: "boolean", summary: "Print { ok, … }, with --explain its explanation too" },
  },
  details:
    "Ends with 0 for a genuine request, with 1 for one that is refused. Neither the secret nor a correct signature is\n" +
    "ever printed. Keys that a provider publishes are fetched from its own hosts.",
  run: async ({ options }, io) => {
    const provider = findProvider(options.provider);
    const attempt: Attempt = {
      provider,
      secrets: await readSecrets(options.secret, provider, io),
      settings: readSettings(options.setting),
      toleranceSeconds: readTolerance(options.tolerance),
      headers: await readHeaders(options.header, io),
      body: await readBody(options.body, io),
      url: options.url,
      method: options.method.toUpperCase(),
      now: options.now === undefined ? undefined : readInstant("--now", options.now),
      fetchKey: createFetchKey(),
    };
    const result = await tryAttempt(attempt);
    const explanation = result.ok || !options.explain ? undefined : await explain(attempt, result);
    if (options.json) printJson({ ...shown(result), ...(explanation && { explanation }) }, io);
    else io.print(describe(result, explanation));
    return result.ok ? exitCode.fine : exitCode.found;
  },
});

function readTolerance(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw misuse(`Expected --tolerance in seconds, got ${JSON.stringify(text)}.`);
  return Number(text);
}

/** The result without the body: whoever asks has it. */
function shown(result: ProviderVerification): object {
  if (!result.ok) return result;
  const { body: _, ...event } = result.event;
  return { ...result, event };
}

function describe(result: ProviderVerification, explanation: Explanation | undefined): string {
  if (result.ok) {
    const { id, type, timestamp } = result.event;
    const facts = [
      `id ${id}`,
      ...(type === undefined ? [] : [`type ${type}`]),
      ...(timestamp === undefined ? [] : [`signed ${new Date(timestamp * 1000).toISOString()}`]),
      `secret ${result.keyIndex + 1}`,
      `covered by ${result.covered}`,
    ];
    return `valid: ${facts.join(", ")}\n`;
  }
  const lines = [`refused: ${result.reason}. ${result.hint}`];
  if (explanation !== undefined) {
    const { cause, proven, details } = explanation;
    lines.push(`${proven ? "cause" : "likely cause"}: ${cause}`, ...details.map((detail) => `  ${detail}`));
  }
  return `${lines.join("\n")}\n`;
}
