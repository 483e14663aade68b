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

  it("leaves other faults their message, without a stack", () => {
    expect(listenProblem(new Error("The store is away"))).toBe("The store is away");
    expect(listenProblem("odd")).toBe("odd");
  });
});
