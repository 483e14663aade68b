import { connect } from "node:net";
import { expect, it } from "vitest";
import { startNats } from "./nats.ts";
import { startRabbitmq } from "./rabbitmq.ts";
import { describeWithServer } from "./vitest.ts";

describeWithServer("nats", "startNats", () => {
  it("can be killed and started again on the same port", async () => {
    const nats = await startNats();
    await nats.kill();
    await expect(reach(nats.port)).rejects.toThrow("ECONNREFUSED");
    await nats.restart();
    await reach(nats.port);
    await nats.stop();
  });
});

describeWithServer("rabbitmq", "startRabbitmq", () => {
  it("is reached by its own tools only, and is gone after it was stopped", async () => {
    const rabbitmq = await startRabbitmq();
    await reach(rabbitmq.port);
    await expect(rabbitmq.control("add_user", "guest", "secret")).rejects.toThrow("already exists");
    await rabbitmq.stop();
    await expect(reach(rabbitmq.port)).rejects.toThrow("ECONNREFUSED");
  });
});

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
