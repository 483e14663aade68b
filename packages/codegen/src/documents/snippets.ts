import type { Json } from "../json.ts";

/** A shell word that means just the text, whatever is in it. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Sends a signed example by the command of this project, from the installed contracts. */
export function mockCommand(type: string, packageName: string): string {
  const words = ["npx", "@hooks/cli", "contracts", "mock", type, "--contracts", packageName];
  return `${words.map(shellWord).join(" ")} \\
  --to http://127.0.0.1:3000/webhooks/main --secret "$WEBHOOK_SECRET"`;
}

export interface CurlOptions {
  readonly id: string;
  readonly version: string;
  readonly event: Json;
}

/** Signs an example with openssl and sends it with curl: a script for a POSIX shell. */
export function curlScript({ id, version, event }: CurlOptions): string {
  return `url=http://127.0.0.1:3000/webhooks/main
secret=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=  # your endpoint's own
id=${id}
timestamp=$(date +%s)
body=${shellQuote(JSON.stringify(event))}
key=$(printf %s "\${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
signature=$(printf %s "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
curl -i "$url" -H 'content-type: application/json' -H "webhook-id: $id" -H "webhook-timestamp: $timestamp" \\
  -H "webhook-signature: v1,$signature" -H 'webhook-version: ${version}' --data-raw "$body"`;
}

/** A receiver that handles one event type, with the types of the contracts package. */
export function handlerSnippet(type: string, packageName: string): string {
  const imports = [
    ["* as contracts", packageName],
    ["{ createReceiver }", "@hooks/receiver"],
    ["{ createExpressHandler }", "@hooks/receiver/express"],
    ["{ createSqliteInbox }", "@hooks/receiver/sqlite"],
    ["express", "express"],
  ].map(([names, from]) => `import ${names} from ${JSON.stringify(from)};`);
  return `${imports.join("\n")}

const receiver = createReceiver({
  sources: { main: { provider: "standard-webhooks", secrets: [process.env.WEBHOOK_SECRET ?? ""] } },
  inbox: createSqliteInbox({ path: "./data/inbox.db" }),
  contracts,
  handlers: {
    ${JSON.stringify(type)}: (event) => console.log(event.id, event.version, event.data),
  },
});
receiver.start();
express().use("/webhooks", createExpressHandler(receiver)).listen(3000);`;
}

function shellWord(text: string): string {
  return /^[\w./@-]+$/.test(text) ? text : shellQuote(text);
}
