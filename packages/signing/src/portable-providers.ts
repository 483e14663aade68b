import type { HandshakeAnswer } from "./handshake/handshake.ts";
import type { Later } from "./portable.ts";
import type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "./providers/prepared-provider.ts";
import type { Provider } from "./providers/provider.ts";
import type { ProviderId } from "./providers/rows.ts";
import * as web from "./web/providers/prepare.ts";

export { findProvider } from "./providers/find-provider.ts";
export type { FetchKey, KeyRequest } from "./providers/fetch-key.ts";
export { parseProvider, providerSchema, ProviderRowError } from "./providers/parse-provider.ts";
export type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "./providers/prepared-provider.ts";
export type * from "./providers/provider.ts";
export type * from "./providers/signature-format.ts";
export type * from "./providers/value-source.ts";
export { providers } from "./providers/rows.ts";
export type { ProviderId, SyncProviderId } from "./providers/rows.ts";
export type { VerifiedItem, VerifiedProviderEvent } from "./providers/verified-provider-event.ts";
export type {
  Handshake,
  HandshakeAnswer,
  HandshakeReply,
  HandshakeRequest,
  HandshakeStage,
} from "./handshake/handshake.ts";

/** See `@hooks/signing/providers/web`. */
export const prepareProvider: (
  provider: ProviderId | Provider,
  options: PrepareProviderOptions,
) => PreparedProvider<Later<ProviderVerification>, Later<HandshakeAnswer>> = web.prepareProvider;

/** See `@hooks/signing/providers/web`. */
export const verifyProvider: (
  provider: ProviderId | Provider,
  options: PrepareProviderOptions & ProviderRequest,
) => Later<ProviderVerification> = web.verifyProvider;
