import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, describe, it } from "vitest";
import { listenProblem } from "./listen-problem.ts";

describe("listenProblem", () => {
  it("names the port that is taken and how to choose another", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const refused = once(createServer().listen(port, "127.0.0.1"), "listening");
    const problem = listenProblem(await refused.catch((error: unknown) => error));
    expect(problem).toBe(`Port ${port} of 127.0.0.1 is taken; set PORT`);
    holder.close();
  });

  it.each([
    ["nohost.invalid", 0, "nohost.invalid is no address of this machine; set HOST"],
    ["192.0.2.1", 0, "192.0.2.1 is no address of this machine; set HOST"],
  ])("names a host that is not here: %s", async (host, port, problem) => {
    const refused = once(createServer().listen(port, host), "listening");
    expect(listenProblem(await refused.catch((error: unknown) => error))).toBe(problem);
  });

  it("names a port that is for others", () => {
    const refused = { code: "EACCES", syscall: "listen", address: "127.0.0.1", port: 80 };
    expect(listenProblem(Object.assign(new Error("listen EACCES"), refused))).toBe(
      "Port 80 of 127.0.0.1 may not be used by this user; set PORT",
    );
  });

  it("leaves other faults their message, without a stack", () => {
    expect(listenProblem(new Error("The store is away"))).toBe("The store is away");
    expect(listenProblem("odd")).toBe("odd");
  });
});
