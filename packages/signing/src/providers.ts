export { prepareProvider, verifyProvider } from "./providers/prepare.ts";
export type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "./providers/prepare.ts";
export type { FetchKey, KeyRequest } from "./providers/fetch-key.ts";
export type { HmacProvider, MessagePart, Provider, StandardProvider } from "./providers/row.ts";
export { providers } from "./providers/rows.ts";
export type { ProviderId } from "./providers/rows.ts";
export type { VerifiedProviderEvent } from "./providers/verified-provider-event.ts";
