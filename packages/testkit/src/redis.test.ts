import { connect } from "node:net";
import { expect, it } from "vitest";
import { startRedis } from "./redis.ts";
import { describeWithServer } from "./vitest.ts";

describeWithServer("redis", "startRedis", () => {
  it("keeps its data over a kill and a restart, on the same port", async () => {
    const redis = await startRedis();
    await send(redis.port, "SET fact 1");
    const before = redis.pid;
    await redis.kill();
    await expect(send(redis.port, "PING")).rejects.toThrow("ECONNREFUSED");
    await redis.restart();
    expect(await send(redis.port, "GET fact")).toContain("1");
    expect(redis.pid).not.toBe(before);
    await redis.stop();
  });

  it("stays connectable but silent while paused", async () => {
    const redis = await startRedis({ appendfsync: "everysec" });
    redis.pause();
    const answer = send(redis.port, "PING");
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 150, "silence"))]);
    expect(first).toBe("silence");
    redis.resume();
    expect(await answer).toContain("PONG");
    await redis.stop();
  });
});

function send(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    socket.on("error", reject);
    socket.on("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
