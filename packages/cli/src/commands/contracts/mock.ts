import { randomUUID } from "node:crypto";
import type { EgressResult } from "@hooks/egress";
import { generateSecret, KeyError, parseSigningKey, sign, type SigningKey } from "@hooks/signing";
import { defineCommand, exitCode, type ExitCode, type Io } from "../../command.ts";
import { misuse } from "../../failure.ts";
import { chooseData } from "../../mock/choose-data.ts";
import { findInFolder, findInPackage, type KnownContract } from "../../mock/find-contract.ts";
import { checkTarget, openEgress, undelivered } from "../../mock/target.ts";
import { printJson } from "../../output.ts";
import { schemasOption } from "../../schemas-folder.ts";
import { version } from "../../version.ts";

export const command = defineCommand({
  positionals: ["TYPE"],
  options: {
    to: { type: "string", value: "URL", summary: "Where to send it", required: true },
    schemas: schemasOption,
    contracts: {
      type: "string",
      value: "PACKAGE",
      summary: "An installed package of contracts, instead of --schemas",
    },
    secret: {
      type: "string",
      value: "SECRET",
      summary: "whsec_… or whsk_… to sign with; by default a new one, which is told",
    },
    example: { type: "string", value: "NAME", summary: "Send this example of the contract, not its first" },
    random: { type: "string", value: "SEED", summary: "Send a random payload, the same for the same seed" },
    minimal: { type: "boolean", summary: "Send only what is required" },
    "allow-private": { type: "boolean", summary: "Allow addresses of private networks, and http: to them" },
    "dry-run": { type: "boolean", summary: "Print the request and send nothing" },
    json: {
      type: "boolean",
      summary: "Print { status, headers, body, durationMs }, or the request with --dry-run",
    },
  },
  details:
    "Sends one event of the type, signed as Standard Webhooks says, to your own machine or to the internet. Ends with 0\n" +
    "when the answer is 2xx.",
  run: async ({ options, positionals: [type = ""] }, io) => {
    const contract =
      options.contracts === undefined
        ? await findInFolder(type, options.schemas, io)
        : await findInPackage(type, options.contracts, io);
    const data = chooseData(contract, options);
    const target = { url: options.to, isPrivateAllowed: options["allow-private"] };
    const egress = openEgress(target);
    checkTarget(target, egress);
    const request = createRequest({ type, contract, data }, options.to, signingKey(options.secret, io));
    if (options["dry-run"]) {
      printRequest(request, options.json, io);
      return exitCode.fine;
    }
    const result = await egress.request({ ...request, timeoutMs: 15_000 });
    await egress.close();
    if (result.kind === "failed") throw undelivered(result, target);
    return report(result, options.json, io);
  },
});

interface MockRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface MockEvent {
  readonly type: string;
  readonly contract: KnownContract;
  readonly data: unknown;
}

function signingKey(secret: string | undefined, io: Io): SigningKey {
  const made = secret ?? generateSecret();
  if (secret === undefined) io.explain(`Signed with ${made}, made for this once; --secret gives yours.\n`);
  try {
    return parseSigningKey(made);
  } catch (error) {
    if (error instanceof KeyError) throw misuse(`--secret cannot be used: ${error.message}`);
    throw error;
  }
}

function createRequest({ type, contract, data }: MockEvent, url: string, key: SigningKey): MockRequest {
  const id = `evt_${randomUUID().replaceAll("-", "")}`;
  const now = new Date();
  const { version: contractVersion, source } = contract;
  const event = { id, type, version: contractVersion, timestamp: now.toISOString(), source, data };
  const body = JSON.stringify(event);
  const headers = {
    "content-type": "application/json",
    "user-agent": `Hooks/${version}`,
    ...sign({ id, timestamp: now, body, keys: [key] }),
    "webhook-version": contractVersion,
  };
  return { method: "POST", url, headers, body };
}

function printRequest(request: MockRequest, isJson: boolean, io: Io): void {
  if (isJson) return printJson(request, io);
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  io.print([`${request.method} ${request.url}`, ...headers, "", request.body, ""].join("\n"));
}

type Answer = Extract<EgressResult, { readonly kind: "response" }>;

function report({ status, headers, body: bytes, durationMs }: Answer, isJson: boolean, io: Io): ExitCode {
  const body = Buffer.from(bytes).toString("utf8");
  if (isJson) printJson({ status, headers, body, durationMs }, io);
  else io.print(`${status} in ${Math.round(durationMs)} ms\n${body === "" ? "" : `${printable(body)}\n`}`);
  return status >= 200 && status < 300 ? exitCode.fine : exitCode.found;
}

/** An answer must not be able to command the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, "�");
}
