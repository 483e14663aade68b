import { describe, it } from "vitest";
import { findServer } from "./require-server.ts";
import { type ServerName } from "./servers.ts";

/** `describe` for tests that need a real server; without it they are skipped as `describeUnless` says. */
export function describeWithServer(name: ServerName, title: string, body: () => void): void {
  const found = findServer(name);
  describeUnless(found.kind === "available" ? undefined : found.reason, { title, body });
}

/** Tests, and what they are called. */
export interface Description {
  readonly title: string;
  readonly body: () => void;
}

/**
 * `describe` for tests that not every machine can run. Where something stands in their way (`obstacle` says what) they
 * are skipped, loudly; with `CI=true` that is a failure, so that a green pipeline never means "not tested".
 */
export function describeUnless(obstacle: string | undefined, { title, body }: Description): void {
  if (obstacle === undefined) {
    describe(title, body);
    return;
  }
  if (process.env["CI"] === "true") {
    describe(title, () => {
      it("can be run here", () => {
        throw new Error(obstacle);
      });
    });
    return;
  }
  console.warn(`SKIPPED: ${title}: ${obstacle}`);
  describe.skip(`${title} (skipped: ${obstacle})`, body);
}
