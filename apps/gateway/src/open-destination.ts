import type { Egress } from "@hooks/egress";
import type { Destination } from "@hooks/receiver";
import { createHttpDestination } from "@hooks/receiver/destinations/http";
import { createRedisStreamDestination } from "@hooks/receiver/destinations/redis-stream";
import type { DestinationConfig } from "./destination-config.ts";

/**
 * Opens the configured destinations, by name; HTTP ones go through `egress`. The clients of brokers are loaded only where
 * they are used. When one cannot be opened, the others are closed again.
 *
 * @throws MissingPackage when such a client is not installed.
 */
export async function openDestinations(
  configs: Readonly<Record<string, DestinationConfig>>,
  egress: Egress,
): Promise<ReadonlyMap<string, Destination>> {
  const opened = Object.entries(configs).map(async ([name, config]) => {
    const destination = await openDestination(name, config, egress).catch((error: unknown) => {
      throw explainMissing(error, `destinations.${name}: type ${config.type}`);
    });
    return [name, destination] as const;
  });
  const settled = await Promise.allSettled(opened);
  const failed = settled.find((one) => one.status === "rejected");
  const entries = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (failed === undefined) return new Map(entries);
  // Each has a connection that comes back for ever, and nobody would know of it.
  await Promise.allSettled(entries.map(([, destination]) => destination.close()));
  throw failed.reason;
}

async function openDestination(
  name: string,
  config: DestinationConfig,
  egress: Egress,
): Promise<Destination> {
  switch (config.type) {
    case "http":
      return createHttpDestination({ name, egress, ...config });
    case "redis-stream":
      return createRedisStreamDestination({ name, ...config });
    case "bullmq": {
      const { createBullmqDestination } = await import("@hooks/receiver/destinations/bullmq");
      const backoff = { type: "exponential", delay: 1_000 };
      return createBullmqDestination({ name, ...config, jobOptions: { attempts: config.attempts, backoff } });
    }
    case "rabbitmq": {
      const { createRabbitmqDestination } = await import("@hooks/receiver/destinations/rabbitmq");
      return createRabbitmqDestination({ name, ...config });
    }
    case "nats": {
      const { createNatsDestination } = await import("@hooks/receiver/destinations/nats");
      return createNatsDestination({ name, ...config });
    }
  }
}

/** A package that is needed only for some destinations, and is not installed. */
export class MissingPackage extends Error {
  override readonly name = "MissingPackage";
}

/** Says which package to install when that is what `error` is about, and gives the error itself otherwise. */
export function explainMissing(error: unknown, what: string): unknown {
  if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) return error;
  const missing = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (missing === undefined) return error;
  const message = `${what} needs the package ${missing}, which is not installed: npm install ${missing}`;
  return new MissingPackage(message, { cause: error });
}
