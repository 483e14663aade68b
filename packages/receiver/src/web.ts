export { type Address, addressEvents, type InboxEntrance } from "./address.ts";
export { createAddressList } from "./address-list.ts";
export type { ContractCheckOptions, ContractFault } from "./contract-check.ts";
export type { ForwardedHeader } from "./core/forwarded.ts";
export { headerValue, keepHeaders, type RequestHeaders } from "./core/headers.ts";
export { type Receipt, type ReceiverResponse, type RefusalCode, statusOf } from "./core/receipt.ts";
export { refusals, respond } from "./core/respond.ts";
export type { Answer, Verdict } from "./core/settlement.ts";
export type { BeginRequest, Begun, BegunEvent, Dedupe } from "./dedupe.ts";
export { createMemoryDedupe, type MemoryDedupeOptions } from "./dedupe/memory.ts";
export type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";
export {
  createDirectReceiver,
  type DirectReceiver,
  type DirectReceiverOptions,
  type DirectReceiverReport,
} from "./direct.ts";
export type {
  ConsumerContracts,
  ContractMigrations,
  EventOf,
  MajorsOf,
  NewestEventOf,
  ParsedEvent,
  WantedEventOf,
} from "./contracts.ts";
export { done, gone, type HandlerResult, retryLater } from "./handler-result.ts";
export type {
  NewestHandlers,
  NoMajors,
  OnUnknownVersion,
  ReceivedEvent,
  TypedHandlers,
  TypePattern,
  TypesOf,
  UntypedHandlers,
  WithHandlers,
} from "./handlers.ts";
export type { HandlingOptions } from "./handling.ts";
export {
  type PayloadHandlers,
  payloadHandlers,
  type PayloadsByType,
  type SourceHandlers,
} from "./payload-handlers.ts";
export type { UnhandledReport } from "./unhandled.ts";
export {
  type AcceptResult,
  type BatchResult,
  type Claim,
  type ClaimedEntry,
  type ClaimRequest,
  type DeadLetter,
  type DeadLetterQuery,
  type DiscardRequest,
  type Entry,
  type EventQuery,
  type Finding,
  type Inbox,
  type InboxDepth,
  type InboxLimits,
  InboxFileError,
  InboxUnavailable,
  type IncomingEvent,
  type RenewRequest,
  type ReplayRequest,
  type RequeueRequest,
  type Settlement,
  type WaitRequest,
} from "./inbox.ts";
export type { Parked } from "./parked.ts";
export { createReceive } from "./receive.ts";
export type {
  BodyRead,
  HoldBytes,
  ReadBody,
  Receive,
  ReceiveLimits,
  ReceiveOptions,
  ReceiveReport,
  ReceiveRequest,
  ReceiveSurroundings,
} from "./receive.ts";
export {
  createReceiver,
  type DeadLetters,
  type Receiver,
  type ReceiverOptions,
  type ReceiverReport,
} from "./receiver.ts";
export { createRelay, type Relay, type RelayOptions, type RelayReport } from "./relay.ts";
export { parsePublicUrl, type SourceOptions } from "./source.ts";
export type { TrustedProxiesOptions } from "./trusted-proxies.ts";
export {
  createReplayLog,
  type DiscardFilter,
  type LogFilter,
  type LoggedEvent,
  type LogPage,
  type LogQuery,
  type ReplayFilter,
  type ReplayLog,
} from "./replay-log.ts";
