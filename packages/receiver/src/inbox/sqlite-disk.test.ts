import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, onSmallDisk, smallDiskOf, until, whyNoMount } from "@hooks/testkit";
import { describeUnless } from "@hooks/testkit/vitest";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../test-support/inbox-process.ts", import.meta.url));

describeUnless(whyNoMount(), {
  title: "createSqliteInbox on a full disk",
  body: () => {
    it("refuses what is new, goes on, and has everything it accepted when there is room again", async () => {
      const folder = createTemporaryFolder("hooks-disk");
      const command = [process.execPath, script, join(folder.path, "inbox.db")];
      const args = onSmallDisk({ folder: folder.path, mebibytes: 8 }, command);
      const child = spawn("unshare", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      const hear = async () => String((await once(child, "message"))[0]);
      const accept = async (eventId: string) => {
        const heard = hear();
        child.send(eventId);
        return heard;
      };
      expect(await hear()).toBe("ready");
      expect(await accept("first")).toBe("accepted");
      const disk = smallDiskOf(child.pid ?? 0, folder.path);
      disk.fill();
      const accepted = ["first"];
      let refused = "";
      for (let n = 0; refused === "" && n < 1_000; n++) {
        const result = await accept(`e${n}`);
        if (result === "accepted") accepted.push(`e${n}`);
        else refused = result;
      }
      expect(refused).toBe("queue_unavailable");
      disk.free();
      await until(async () => (await accept("later")) === "accepted");
      for (const eventId of accepted) expect(await accept(eventId)).toBe("duplicate");
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
      folder.remove();
    });

    it("says that the disk is full where there is no room for a new file", () => {
      const folder = createTemporaryFolder("hooks-disk");
      const leave64kB = 'head -c 983040 /dev/zero > "$0/filler" && exec "$@"';
      const open = [process.execPath, script, join(folder.path, "inbox.db")];
      const command = ["sh", "-c", leave64kB, folder.path, ...open];
      const args = onSmallDisk({ folder: folder.path, mebibytes: 1 }, command);
      const { stderr } = spawnSync("unshare", args, { encoding: "utf8" });
      expect(stderr).toContain("database or disk is full");
      folder.remove();
    });
  },
});
