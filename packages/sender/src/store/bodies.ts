import type { TakenDelivery } from "../store.ts";
import { nameOfPart, readable, type Seals } from "./seals.ts";

export interface KeptBody {
  readonly event: string;
  /** The key of the rendition that is sent; null for the event's own body. */
  readonly rendition: string | null;
  readonly kept: Uint8Array;
}

/** What a delivery sends, or that it cannot be read: then the others go all the same. */
export type OpenedBody = Pick<TakenDelivery["event"], "body"> & Pick<TakenDelivery, "fault">;

/** What a delivery sends. Throws a `VaultError` where it cannot be read. */
export function openBody(seals: Seals, kept: KeptBody): Uint8Array {
  return seals.openBytes(kept.rendition === null ? "body" : "rendition", nameOf(kept), kept.kept);
}

function nameOf({ event, rendition }: KeptBody): string {
  return rendition === null ? event : nameOfPart(event, rendition);
}

export function openToSend(seals: Seals, kept: KeptBody): OpenedBody {
  const body = readable(() => openBody(seals, kept));
  return body === undefined ? { body: new Uint8Array(), fault: "payload_unavailable" } : { body };
}
