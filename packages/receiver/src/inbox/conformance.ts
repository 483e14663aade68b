import { afterEach, describe } from "vitest";
import type { Inbox, InboxLimits } from "../inbox.ts";
import { describeAccept } from "./conformance/accept.ts";
import { describeClaim } from "./conformance/claim.ts";
import { describeDue, describeIndexed } from "./conformance/due.ts";
import { describeDestinations } from "./conformance/destinations.ts";
import { describeLifecycle } from "./conformance/lifecycle.ts";
import { describeHistories } from "./conformance/histories.ts";
import { describeLog } from "./conformance/log.ts";
import { clock } from "./conformance/given.ts";
import { describeSettle } from "./conformance/settle.ts";
import { describeSubjects } from "./conformance/subjects.ts";

/** What the suite needs of an implementation. */
export interface InboxUnderTest {
  /** Opens the same store every time it is called within one test. */
  open(options: InboxLimits & TestClock): Promise<Inbox>;
  /** Makes the store empty for the next test. */
  clear(): Promise<void>;
  /** Whether `due` may name sources that have nothing. Default false. */
  readonly guesses?: boolean;
}

/** What the suite gives each inbox, so that its time is the tests'. */
export interface TestClock {
  /** Unix milliseconds that the inbox has to go by, instead of a clock of its own. */
  readonly clock: () => number;
}

/** The rules of the `Inbox` port, as tests. A new implementation's test file is one call of this. */
export function describeInbox(name: string, subject: InboxUnderTest): void {
  describe(`Inbox: ${name}`, () => {
    const opened: Inbox[] = [];
    const open = async (limits?: InboxLimits) => {
      const inbox = await subject.open({ ...limits, clock });
      opened.push(inbox);
      return inbox;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((inbox) => inbox.close()));
      await subject.clear();
    });
    describeAccept(open);
    describeClaim(open);
    describeDue(open);
    if (subject.guesses !== true) describeIndexed(open);
    describeSettle(open);
    describeDestinations(open);
    describeSubjects(open);
    describeLog(open);
    describeHistories(open);
    describeLifecycle(open);
  });
}
