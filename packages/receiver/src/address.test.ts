import { describe, expect, it } from "vitest";
import { addressEvents } from "./address.ts";
import { claim, event } from "./inbox/conformance/given.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";

describe("addressEvents", () => {
  it("owes events to the destinations of their source, with what they are about", async () => {
    const inbox = createSqliteInbox({ path: ":memory:" });
    const entrance = addressEvents(inbox, {
      billing: { destinations: ["orders", "audit"], orderBy: "data.id" },
    });
    await entrance.accept(event({ eventId: "a", body: about("inv_1") }));
    await entrance.acceptBatch([
      event({ eventId: "b", body: about("inv_1") }),
      event({ eventId: "c", body: about("inv_2") }),
    ]);
    await entrance.accept(event({ source: "other" }));
    const claimed = await claim(inbox, { destination: "audit" });
    expect(claimed).toMatchObject([
      { eventId: "a", subject: "inv_1", shares: 2 },
      { eventId: "c", subject: "inv_2", shares: 2 },
    ]);
    expect(await claim(inbox, { source: "other" })).toMatchObject([
      { destination: "orders", subject: undefined },
    ]);
    await inbox.close();
  });

  it("lets so many of a source wait as its address says", async () => {
    const inbox = createSqliteInbox({ path: ":memory:" });
    const entrance = addressEvents(inbox, { billing: { destinations: ["orders"], highWaterMark: 1 } });
    expect(await entrance.accept(event({ eventId: "a" }))).toBe("accepted");
    expect(await entrance.accept(event({ eventId: "b" }))).toBe("full");
    await inbox.close();
  });
});

const about = (id: string) => Buffer.from(JSON.stringify({ data: { id } }));
