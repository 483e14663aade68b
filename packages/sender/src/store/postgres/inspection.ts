import type { Finding } from "../../store.ts";
import type { Database, Statement } from "./database.ts";

const SETTINGS: Statement = {
  name: "inspect",
  text: "SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[])",
};

/** What a commit needs to be on disk when it answers, and to be whole after a power cut. */
const EXPECTED: Readonly<Record<string, (setting: string) => boolean>> = {
  fsync: (setting) => setting === "on",
  synchronous_commit: (setting) => setting !== "off",
  full_page_writes: (setting) => setting === "on",
};

const OLDEST = 150_000;

/** What the server says of its own durability. */
export async function inspectServer({ query }: Pick<Database, "query">): Promise<readonly Finding[]> {
  const names = [...Object.keys(EXPECTED), "server_version_num"];
  const rows = await query(SETTINGS, [`{${names.join(",")}}`]);
  const settings = new Map(rows.map((row) => [String(row["name"]), String(row["setting"])]));
  const version = Number(settings.get("server_version_num"));
  return [
    {
      level: version >= OLDEST ? "ok" : "unsafe",
      message: `PostgreSQL is release ${Math.floor(version / 10_000)} (15 or later expected)`,
    },
    ...Object.entries(EXPECTED).map(([name, isSafe]): Finding => {
      const setting = settings.get(name) ?? "unknown";
      return { level: isSafe(setting) ? "ok" : "unsafe", message: `PostgreSQL ${name} is ${setting}` };
    }),
  ];
}
