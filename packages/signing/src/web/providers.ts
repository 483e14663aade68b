export { findProvider } from "../providers/find-provider.ts";
export type { FetchKey, KeyRequest } from "../providers/fetch-key.ts";
export { parseProvider, providerSchema, ProviderRowError } from "../providers/parse-provider.ts";
export { prepareProvider, verifyProvider } from "./providers/prepare.ts";
export type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "../providers/prepared-provider.ts";
export type * from "../providers/provider.ts";
export type * from "../providers/signature-format.ts";
export type * from "../providers/value-source.ts";
export { providers } from "../providers/rows.ts";
export type { ProviderId, SyncProviderId } from "../providers/rows.ts";
export type { VerifiedItem, VerifiedProviderEvent } from "../providers/verified-provider-event.ts";
export type {
  Handshake,
  HandshakeAnswer,
  HandshakeReply,
  HandshakeRequest,
  HandshakeStage,
} from "../handshake/handshake.ts";
