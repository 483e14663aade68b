import type { AdapterOptions, Attest } from "./adapter.ts";
import { adapters } from "./adapters.ts";
import { createHttpMessageAttest } from "./http-message-signature.ts";
import { createTokenAttest } from "./jwt.ts";
import type { AdapterProvider, HttpMessageSignatureProvider, JwtProvider } from "./provider.ts";

/** Rows whose requests take time to verify: keys are fetched, or a library is. */
export type WaitingProvider = JwtProvider | HttpMessageSignatureProvider | AdapterProvider;

/** Makes what checks a row's requests. @throws KeyError, or TypeError for a setting or an adapter that is none. */
export function createAttestOf(row: WaitingProvider, options: Omit<AdapterOptions, "name">): Attest {
  const named: AdapterOptions = { ...options, name: row.name };
  switch (row.kind) {
    case "jwt":
      return createTokenAttest(row, named);
    case "http-message-signature":
      return createHttpMessageAttest(row, named);
    case "adapter": {
      const create = Object.hasOwn(adapters, row.adapter) ? adapters[row.adapter] : undefined;
      if (create === undefined) {
        throw new TypeError(
          `Expected the adapter of ${row.name} as one of ${Object.keys(adapters).join(", ")}.`,
        );
      }
      return create(named);
    }
  }
}
