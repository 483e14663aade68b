import { writeDocuments } from "@hooks/codegen";
import { defineCommand, exitCode } from "../../command.ts";
import { misuse } from "../../failure.ts";
import { count } from "../../output.ts";
import { findSchemas, schemasOption } from "../../schemas-folder.ts";
import { writeTo } from "../../write-to.ts";

export const command = defineCommand({
  positionals: [],
  options: {
    schemas: schemasOption,
    out: {
      type: "string",
      value: "DIR",
      summary: "Where to write; it is replaced as a whole",
      required: true,
    },
    "base-url": {
      type: "string",
      value: "URL",
      summary: "Where the site will stand; makes the links of llms.txt absolute",
    },
  },
  details:
    "Writes a static site with a page for each version of each event type, openapi.json, asyncapi.json and llms.txt. " +
    "Any web server can serve it, from any path.",
  run: async ({ options: { schemas, out, "base-url": given } }, io) => {
    const baseUrl = given === undefined ? undefined : readBaseUrl(given);
    const folder = await findSchemas(schemas, io);
    const files = await writeTo(out, io, (to) => writeDocuments({ schemas: folder, out: to, baseUrl }));
    const { length } = [...files.keys()].filter((file) => file.endsWith(".html.md"));
    io.print(`${count(length, "event type")} in ${out}\n`);
    return exitCode.fine;
  },
});

/** An address that relative links can be put behind: it ends with a slash. */
function readBaseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw misuse(`--base-url must be an http or https address, got ${JSON.stringify(given)}.`);
  return `${url.origin}${url.pathname.replace(/\/?$/, "/")}`;
}
