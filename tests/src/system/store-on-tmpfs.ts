import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Child,
  freePort,
  onSmallDisk,
  type SmallDisk,
  smallDiskOf,
  startChild,
  until,
} from "@hooks/testkit";
import { senderEnvironment, senderMain } from "./sender.ts";

/** A sender whose store is alone on a small file system that can be filled. */
export interface SmallSender extends SmallDisk {
  readonly url: string;
  readonly child: Child;
}

/** Starts a sender in a mount namespace of its own; the file system goes with it. */
export async function startSmallSender(folder: string, mebibytes: number): Promise<SmallSender> {
  const store = join(folder, "store");
  mkdirSync(store);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = onSmallDisk({ folder: store, mebibytes }, [process.execPath, senderMain]);
  const env = { PATH: process.env["PATH"], ...senderEnvironment(port, `sqlite:${join(store, "sender.db")}`) };
  const child = await startChild("unshare", args, { env });
  await until(async () => (await fetch(`${url}/readyz`)).ok, { what: `the sender\n${child.output()}` });
  return { url, child, ...smallDiskOf(child.pid, store) };
}
