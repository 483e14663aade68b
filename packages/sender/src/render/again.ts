import type { Endpoint, EventRecord } from "../core/model.ts";
import { inputOf, type RenderEvent, type RenderFailure, type RenderInput } from "../render.ts";
import type { Rendered } from "../store.ts";
import { bodyOf } from "./envelope.ts";

export type RenderedAgain =
  | { readonly ok: true; readonly rendered: Rendered }
  | { readonly ok: false; readonly message: string; readonly error?: unknown };

const NOT_RENDERABLE: Readonly<Record<RenderFailure, string>> = {
  version_unavailable: "The contracts have no way to the version that the endpoint is pinned to",
  migration_failed: "The migration to the version that the endpoint is pinned to failed",
  rendition_invalid: "What the migration made does not fit the contract that the endpoint is pinned to",
};

/** What an endpoint gets of an event that was kept, by what it wants now. */
export function renderAgain(
  event: EventRecord,
  endpoint: Endpoint,
  render: (event: RenderInput) => RenderEvent,
): RenderedAgain {
  const rendition = render(inputOf(event))(endpoint);
  switch (rendition.kind) {
    case "own":
      return { ok: true, rendered: rendition };
    case "other": {
      const { kind, key, version, envelope } = rendition;
      return { ok: true, rendered: { kind, key, version, body: bodyOf(envelope, event.sequence) } };
    }
    case "withheld":
      return { ok: false, message: "The endpoint has not the feature flags of the event" };
    case "failed":
      return { ok: false, message: NOT_RENDERABLE[rendition.reason], error: rendition.error };
  }
}
