import type { Change } from "../../diff/comparison.ts";
import { affectedBy } from "../../release/changelog.ts";
import { html, highlightJson, prose, type Html } from "../html.ts";
import type { VersionChange } from "../pages.ts";
import { badge, codeFigure } from "./layout.ts";

/** What each version changed: rules, who is affected, what to do. */
export function changesSection(changes: readonly VersionChange[]): Html | undefined {
  if (changes.length === 0) return undefined;
  return html`<section aria-labelledby="changes">
    <h2 id="changes">Changes</h2>
    ${changes.map(versionSection)}
  </section> `;
}

function versionSection({
  from,
  to,
  comparison: { changes, subscriber, replay, bump },
}: VersionChange): Html {
  const id = `changes-${to.version}`;
  return html`<section class="change" aria-labelledby="${id}">
    <h3 id="${id}">
      ${to.version}
      <span class="from">after ${from.version}</span>
      ${bump !== "none" && badge(bump, bump === "major" ? "alert" : "plain")}
    </h3>
    <p>${verdict(subscriber === "breaking", replay === "breaking", from.version)}</p>
    ${
      changes.length > 0 &&
      html`<ul class="changes">
        ${changes.map(changeItem)}
      </ul>`
    }
  </section> `;
}

function verdict(breaksSubscribers: boolean, breaksReplays: boolean, from: string): string {
  if (breaksSubscribers)
    return `A subscriber of ${from} has to change something before receiving this version; endpoints stay on the major they are pinned to.`;
  if (breaksReplays)
    return `A subscriber of ${from} has nothing to change. Events stored under ${from} may not fit this version.`;
  return `A subscriber of ${from} has nothing to change.`;
}

/** A payload that shows how long is too long is no reading matter. */
const maxShown = 20_000;

function changeItem(change: Change): Html {
  const { rule, pointer, subscriber, replay, message, action, proof, counterexample } = change;
  const isBreaking = subscriber === "breaking" || replay === "breaking";
  return html`<li>
    <p>
      <code class="rule">${rule}</code>
      ${isBreaking && badge(proof === "unproven" ? "breaking, unproven" : "breaking", "alert")}
    </p>
    <p>${prose(`${message} ${action}`)}</p>
    <p class="note">
      ${affectedBy(change)} At <code>${pointer === "" ? "the whole contract" : pointer}</code>.
    </p>
    ${
      counterexample !== undefined &&
      JSON.stringify(counterexample.data).length <= maxShown &&
      html`<details>
        <summary>A payload that shows it</summary>
        ${codeFigure(counterexample.direction === "subscriber" ? "Written by the newer version, refused by the older" : "Written by the older version, refused by the newer", highlightJson(counterexample.data))}
      </details>`
    }
  </li> `;
}
