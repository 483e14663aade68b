/**
 * An HTTP server that keeps what it has confirmed, also when it is killed: `node http-target.ts PORT FILE`. It writes a line
 * with source and id for each event before it answers.
 */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file = ""] = process.argv.slice(2);
createServer((request, response) => {
  request.resume().on("end", () => {
    const { "hooks-source": source, "hooks-event-id": id } = request.headers;
    if (request.method === "POST") appendFileSync(file, `${String(source)} ${String(id)}\n`);
    response.end();
  });
}).listen(Number(port), "127.0.0.1");
