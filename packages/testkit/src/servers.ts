/**
 * The programs tests can ask for, one row each. Another server is another row here and a `start…` file beside it.
 */
export const servers = {
  redis: { title: "Redis", binaries: ["redis-server"], debianPackage: "redis-server" },
  postgres: {
    title: "PostgreSQL",
    // Debian keeps them off the PATH, a folder for each release.
    binaries: [
      "postgres",
      ...[18, 17, 16, 15].map((release) => `/usr/lib/postgresql/${release}/bin/postgres`),
    ],
    debianPackage: "postgresql",
  },
  nats: { title: "NATS", binaries: ["nats-server"], debianPackage: "nats-server" },
  rabbitmq: {
    title: "RabbitMQ",
    // Debian's script on the PATH goes through `su` and writes below /var/log.
    binaries: ["/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"],
    debianPackage: "rabbitmq-server",
  },
  strace: { title: "strace", binaries: ["strace"], debianPackage: "strace" },
  chromium: {
    title: "Chromium",
    binaries: ["chromium", "chromium-browser", "google-chrome"],
    debianPackage: "chromium",
  },
} as const satisfies Record<string, ServerRow>;

export type ServerName = keyof typeof servers;

export interface ServerRow {
  /** What people call it. */
  readonly title: string;
  /** Names or absolute paths; the first that exists is used. */
  readonly binaries: readonly string[];
  /** What `apt-get install` brings it. */
  readonly debianPackage: string;
}
