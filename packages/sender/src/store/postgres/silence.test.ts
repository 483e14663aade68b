import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { until } from "@hooks/testkit";
import { expect, it } from "vitest";
import { StoreUnavailableError } from "../../store.ts";
import { createPostgresStore } from "../postgres.ts";

it("connects anew to a server that has accepted its first connection and says nothing", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const store = createPostgresStore({ url: `postgres://nobody@127.0.0.1:${port}/none`, timeoutMs: 50 });
  await until(async () => {
    await expect(store.getEvent("evt_1")).rejects.toThrow(StoreUnavailableError);
    return sockets.length > 1;
  });
  await store.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});
