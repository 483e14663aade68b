import { describe, it } from "vitest";
import { findServer } from "./require-server.ts";
import { type ServerName, servers } from "./servers.ts";

/**
 * `describe` for tests that need a real server. Without the server they are skipped, loudly; with `CI=true` the
 * absence is a failure, so that a green pipeline never means "not tested".
 */
export function describeWithServer(name: ServerName, title: string, body: () => void): void {
  const found = findServer(name);
  if (found.kind === "available") {
    describe(title, body);
    return;
  }
  if (process.env["CI"] === "true") {
    describe(title, () => {
      it(`needs ${servers[name].title}`, () => {
        throw new Error(found.reason);
      });
    });
    return;
  }
  console.warn(`SKIPPED: ${title}: ${found.reason}`);
  describe.skip(`${title} (skipped: ${found.reason})`, body);
}
