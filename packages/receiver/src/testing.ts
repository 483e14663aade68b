export { createOfflineSender } from "./testing/offline-sender.ts";
export type {
  OfflineDelivery,
  OfflineSender,
  OfflineSenderOptions,
  SendOptions,
} from "./testing/offline-sender.ts";
export { signedInject, signedRequest } from "./testing/signed-request.ts";
export type { InjectableRequest, SignedRequestOptions, TestEvent } from "./testing/signed-request.ts";
