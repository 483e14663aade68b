import { parseVerifyingKey } from "../key.ts";
import { createVerify } from "../verify.ts";
import type { PreparedProvider, PrepareProviderOptions } from "./prepare.ts";
import type { StandardProvider } from "./row.ts";
import { verifiedProviderEvent } from "./verified-provider-event.ts";

/** Reads a Standard Webhooks row. The type stays in the body, which is not parsed here. */
export function prepareStandard(row: StandardProvider, options: PrepareProviderOptions): PreparedProvider {
  const keys = options.secrets.map(parseVerifyingKey);
  const { toleranceSeconds } = options;
  const verify = createVerify(row.headers);
  return {
    verify: ({ headers, body, now }) => {
      const result = verify({ headers, body, keys, now, toleranceSeconds });
      if (!result.ok) return result;
      const { id, timestamp, body: bytes } = result.event;
      const event = verifiedProviderEvent({ provider: row.id, id, type: undefined, timestamp, body: bytes });
      return { ok: true, event, keyIndex: result.keyIndex, covered: "signature" };
    },
  };
}
