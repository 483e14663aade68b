import type { EndpointHealth } from "../../core/endpoint-health.ts";

export interface Statistics {
  /** What is known of how an endpoint is doing. Deliveries are counted up to `most` of each kind, which is what it costs. */
  endpointStatistics(endpoint: string, most: number): Promise<EndpointStatistics>;
}

export interface EndpointStatistics {
  /** As its owner last wrote it down, a second ago or less; absent where nothing is known against it. */
  readonly health?: EndpointHealth;
  /** Deliveries that have not come to their end. */
  readonly scheduled: number;
  readonly dead: number;
}
