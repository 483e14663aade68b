import type { Json } from "../json.ts";

/** What is longer tells nobody more. */
const maxLength = 500;

/** A payload as a line of text for people; of one that shows how long is too long, the beginning. */
export function shownPayload(data: Json): string {
  const text = JSON.stringify(data);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}… (${text.length} characters)`;
}
