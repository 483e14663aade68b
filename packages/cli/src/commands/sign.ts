import { KeyError } from "@hooks/signing";
import {
  generateTestRequest,
  type Provider,
  type TestRequest,
  type TestRequestOptions,
} from "@hooks/signing/providers";
import { defineCommand, exitCode } from "../command.ts";
import { misuse } from "../failure.ts";
import { printJson } from "../output.ts";
import { findProvider } from "../request/find-provider.ts";
import { readBody, readHeaders, readInstant, readSecrets, readSettings } from "../request/read-values.ts";
import { requestOptions } from "../request/request-options.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    provider: {
      type: "string",
      value: "ID",
      summary: "Whose scheme to sign in; `hooks providers` lists them",
      default: "standard-webhooks",
    },
    ...requestOptions,
    header: {
      type: "string",
      value: '"NAME: VALUE"',
      summary: "A header of the request, for what is signed of it; @FILE has one a line",
      repeatable: true,
    },
    id: { type: "string", value: "ID", summary: "The event's id (default: test-1)" },
    type: { type: "string", value: "TYPE", summary: "The event's type, where a header has it" },
    now: { type: "string", value: "TIME", summary: "When it is signed: Unix seconds or RFC 3339" },
    json: { type: "boolean", summary: "Print { method, url, headers, body }, the body in base64" },
  },
  details:
    "Prints the headers of a genuine request, one a line, for the test of a receiver:\n" +
    "  curl -H @<(hooks sign --secret env:SECRET --body @event.json) -H 'content-type: application/json' --data-binary @event.json URL",
  run: async ({ options }, io) => {
    const provider = findProvider(options.provider);
    const secrets = await readSecrets(options.secret, provider, io);
    const [secret = ""] = secrets;
    if (secrets.length > 1) throw misuse("Expected one --secret to sign with.");
    const body = await readBody(options.body, io);
    const headers = Object.entries(await readHeaders(options.header, io)).map(([name, value]) => [
      name,
      typeof value === "string" ? value : value.join(", "),
    ]);
    const now = options.now === undefined ? new Date() : readInstant("--now", options.now);
    const given: TestRequestOptions = {
      secret,
      body,
      headers: Object.fromEntries(headers),
      timestamp: Math.floor(now.getTime() / 1000),
      method: options.method.toUpperCase(),
      settings: readSettings(options.setting),
      ...(options.id !== undefined && { id: options.id }),
      ...(options.type !== undefined && { type: options.type }),
      ...(options.url !== undefined && { url: options.url }),
    };
    const request = generate(provider, given);
    if (options.json) {
      printJson({ ...request, body: Buffer.from(request.body).toString("base64") }, io);
      return exitCode.fine;
    }
    for (const remark of remarksOn(request, provider, given)) io.explain(`${remark}\n`);
    for (const [name, value] of Object.entries(request.headers)) io.print(`${name}: ${value}\n`);
    return exitCode.fine;
  },
});

/** What the headers alone do not tell. */
function* remarksOn(request: TestRequest, provider: Provider, given: TestRequestOptions): Iterable<string> {
  if (!Buffer.from(given.body).equals(request.body) || (given.url ?? request.url) !== request.url)
    yield "More is signed than the headers show: --json prints the whole request.";
  for (const name of ["id", "type"] as const) {
    const other = { ...given, [name]: `${given[name]}0` };
    if (given[name] !== undefined && isSame(generate(provider, other), request))
      yield `--${name} changes nothing: a request of ${provider.name} has no header for it, only perhaps its body.`;
  }
  if (given.url !== undefined) return;
  const elsewhere = generate(provider, { ...given, url: "https://example.org/" });
  if (JSON.stringify(elsewhere.headers) !== JSON.stringify(request.headers))
    yield `${provider.name} signs the URL, here ${request.url}: --url gives yours.`;
}

function isSame(one: TestRequest, other: TestRequest): boolean {
  const [text, otherText] = [one, other].map(({ url, headers }) => JSON.stringify([url, headers]));
  return text === otherText && Buffer.from(one.body).equals(other.body);
}

function generate(provider: Provider, options: TestRequestOptions): TestRequest {
  try {
    return generateTestRequest(provider, options);
  } catch (error) {
    if (error instanceof KeyError || error instanceof TypeError || error instanceof SyntaxError)
      throw misuse(`This cannot be signed: ${error.message}`);
    throw error;
  }
}
