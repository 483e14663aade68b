import type { Change } from "../../diff/comparison.ts";
import { affectedBy } from "../../release/changelog.ts";
import { html, highlightJson, prose, type Html } from "../html.ts";
import type { VersionChange } from "../version-changes.ts";
import { verdictOf } from "../verdict.ts";
import { badge, codeFigure } from "./layout.ts";

/** What each version changed: rules, who is affected, what to do. */
export function changesSection(changes: readonly VersionChange[]): Html | undefined {
  if (changes.length === 0) return undefined;
  return html`<section aria-labelledby="changes">
    <h2 id="changes">Changes</h2>
    ${changes.map(versionSection)}
  </section> `;
}

function versionSection(change: VersionChange): Html {
  const {
    from,
    to,
    comparison: { changes, bump },
  } = change;
  const id = `changes-${to.version}`;
  return html`<section class="change" aria-labelledby="${id}">
    <h3 id="${id}">
      ${to.version}
      <span class="from">after ${from.version}</span>
      ${bump !== "none" && badge(bump, bump === "major" ? "alert" : "plain")}
    </h3>
    <p>${verdictOf(change)}</p>
    ${
      changes.length > 0 &&
      html`<ul class="changes">
        ${changes.map(changeItem)}
      </ul>`
    }
  </section> `;
}

/** A payload that shows how long is too long is no reading matter. */
const maxShown = 20_000;

function changeItem(change: Change): Html {
  const { rule, pointer, subscriber, replay, message, action, counterexample } = change;
  const isBreaking = subscriber === "breaking" || replay === "breaking";
  return html`<li>
    <p>
      <code class="rule">${rule}</code>
      ${isBreaking && badge("breaking", "alert")}
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
