import { connect } from "node:net";
import { expect, it } from "vitest";
import { startPostgres } from "./postgres.ts";
import { describeWithServer } from "./vitest.ts";

describeWithServer("postgres", "startPostgres", () => {
  it("is gone after a kill with all its backends, and there again after a restart, on the same port", async () => {
    const postgres = await startPostgres();
    const { pid, port } = postgres;
    expect(await answerOf(port)).toBe("N");
    await postgres.kill();
    await expect(answerOf(port)).rejects.toThrow("ECONNREFUSED");
    await postgres.restart();
    expect(await answerOf(port)).toBe("N");
    expect(postgres.pid).not.toBe(pid);
    await postgres.stop();
  });

  it("stays connectable but silent while paused", async () => {
    const postgres = await startPostgres({ settings: { fsync: "off" } });
    postgres.pause();
    const answer = answerOf(postgres.port);
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 150, "silence"))]);
    expect(first).toBe("silence");
    postgres.resume();
    expect(await answer).toBe("N");
    await postgres.stop();
  });
});

/** What it says when asked for TLS: `N`, it has none. */
function answerOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from("0000000804d2162f", "hex")));
    socket.on("error", reject);
    socket.on("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
