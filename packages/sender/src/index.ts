export { createSender } from "./sender.ts";
export type { Events, Sender, SenderOptions, WorkerSettings } from "./sender.ts";
export type { ContractInfo, ContractIssue, Contracts, ContractValidation } from "./contracts.ts";
export type {
  Attempt,
  AttemptOutcome,
  ClientCertificate,
  Delivery,
  DeliveryState,
  Endpoint,
  EndpointSecret,
  EndpointState,
  EventRecord,
  Subscriber,
} from "./core/model.ts";
export type { Ordering } from "./core/ordering.ts";
export type { RateLimit } from "./core/rate-limit.ts";
export { parseTimestamp } from "./core/timestamp.ts";
export type { DeadLetter, DeadLetters } from "./dead-letters.ts";
export type { FinishedState, Replay, ReplayFilter, ReplayState } from "./core/replay.ts";
export type { Deliveries } from "./deliveries.ts";
export type { CallOptions, EndpointChange, EndpointInput, Endpoints, NewEndpoint } from "./endpoints.ts";
export type { Counted, EndpointStatistics } from "./endpoint-statistics.ts";
export { schemaOf } from "./contracts.ts";
export { SenderError } from "./errors.ts";
export type { Issue, SenderErrorCode } from "./errors.ts";
export type { EventInput } from "./publish.ts";
export type { Published, PublishOptions } from "./publishing.ts";
export type { RecoverInput, ReplayCount, ReplayInput, Replays } from "./replays.ts";
export type { Report, SenderReport } from "./report.ts";
export { StoreUnavailableError, TransactionError } from "./store.ts";
export type {
  DeadLetterFilter,
  Finding,
  ReplaysFilter,
  Rewrapped,
  RewrapRequest,
  Sent,
  Store,
  Transaction,
} from "./store.ts";
export type { RetentionOptions } from "./retention.ts";
export type { Subscribers } from "./subscribers.ts";
export type { SendRequest, Transport } from "./transport.ts";
export { createVault, type Place, type Vault, type VaultOptions } from "./vault.ts";
export { VaultError, type VaultErrorCode } from "./vault/error.ts";
