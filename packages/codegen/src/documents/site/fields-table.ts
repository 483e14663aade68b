import { html, prose, type Html } from "../html.ts";
import { fieldsOf, type Field, type Fields } from "../fields.ts";
import type { CatalogEvent, CatalogVersion } from "../catalog.ts";
import { badge, breakable } from "./layout.ts";

/** Every field of a version's `data` as a table. Roles are spelt out: on a narrow screen its rows become blocks. */
export function fieldsTable(event: CatalogEvent, version: CatalogVersion): Html {
  const { list, isWhole } = fieldsOf(version.schema);
  const since = sinceOf(event, version);
  // Variants of a union may have a member of one name each.
  const firsts = new Set(new Map(list.toReversed().map((field) => [field.path, field])).values());
  return html`<table class="fields" role="table">
      <caption>
        Members of
        <code>data</code>
        in version ${version.version}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Field</th>
          <th scope="col" role="columnheader">Type</th>
          <th scope="col" role="columnheader">Meaning</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${list.map((field) => fieldRow(field, { since: since.get(field.path), hasId: firsts.has(field) }))}
      </tbody>
    </table>
    ${!isWhole && html`<p class="note">This is not all: the contract nests deeper than this table. See its JSON Schema.</p>`}`;
}

/** The version in which each field came, of those that the first version of the contract did not have. */
function sinceOf({ versions }: CatalogEvent, version: CatalogVersion): ReadonlyMap<string, string> {
  const upTo = versions
    .slice(versions.indexOf(version))
    .map((one): readonly [string, Fields] => [one.version, fieldsOf(one.schema)]);
  const since = new Map<string, string>();
  const [, first] = upTo.at(-1) ?? [];
  const old = new Set(first?.list.map(({ path }) => path));
  // Newest first: what an older version has too is said again, so the oldest without a gap is left at the end.
  const present = new Set(upTo[0]?.[1].list.map(({ path }) => path));
  for (const [name, { list }] of upTo) {
    const known = new Set(list.map(({ path }) => path));
    for (const path of present)
      if (known.has(path)) since.set(path, name);
      else present.delete(path);
  }
  for (const path of old) if (present.has(path)) since.delete(path);
  return since;
}

interface RowFacts {
  readonly since: string | undefined;
  readonly hasId: boolean;
}

function fieldRow(field: Field, { since, hasId }: RowFacts): Html {
  const { path, type, isNullable, isRequired, limits, pattern, description } = field;
  const split = Math.max(path.lastIndexOf(".", path.length - 2) + 1, 0);
  const parent = path.slice(0, split);
  const id = hasId && html`id="${fieldId(path)}"`;
  const name = html`${parent !== "" && html`<span class="parent">${breakable(parent)}</span>`}${breakable(path.slice(split))}`;
  return html`<tr role="row" ${id}>
    <th scope="row" role="rowheader"><code>${name}</code></th>
    <td role="cell">
      <span class="type">${type}${isNullable && " or null"}</span>
      ${isRequired && html`<span class="required">required</span>`}
      ${limits.length > 0 && html`<span class="limits">${limits.join(", ")}</span>`}
      ${pattern !== undefined && html`<span class="limits">matches <code>${pattern}</code></span>`}
    </td>
    <td role="cell">
      ${description !== "" && html`<p>${prose(description)}</p>`} ${valuesOf(field)} ${notesOf(field)}
      ${marksOf(field, since)}
    </td>
  </tr> `;
}

function valuesOf({ values, isOpenEnum }: Field): Html | undefined {
  if (values.length === 0) return undefined;
  const list = values.map((value, index) => html`${index > 0 && ", "}<code>${JSON.stringify(value)}</code>`);
  const lead = isOpenEnum
    ? "One of these, or one that will come:"
    : values.length === 1
      ? "Always"
      : "One of";
  return html`<p class="values">${lead} ${list}</p>`;
}

function notesOf({ condition, sameAs }: Field): Html {
  const where = condition !== undefined && html`<p class="note">Only where ${condition}.</p>`;
  if (sameAs === undefined) return html`${where}`;
  const link = html`<a href="#${fieldId(sameAs)}"><code>${breakable(sameAs)}</code></a>`;
  return html`${where}
    <p class="note">Members as in ${link}.</p>`;
}

function marksOf(
  { sensitive, isDeprecated, featureFlags, isOpenEnum, isOpenUnion }: Field,
  since: string | undefined,
): Html | undefined {
  const marks = [
    isDeprecated && badge("deprecated", "alert"),
    // It is sent as it is; what is done about it in logs is each side's own affair.
    sensitive !== undefined &&
      badge(`${sensitive === "pii" ? "PII" : sensitive}: keep out of logs`, "accent"),
    isOpenEnum && badge("open enum"),
    isOpenUnion && badge("open union"),
    ...featureFlags.map((flag) => badge(`flag ${flag}`)),
    since !== undefined && badge(`since ${since}`),
  ].filter((mark) => mark !== false);
  return marks.length === 0 ? undefined : html`<p class="marks">${marks}</p>`;
}

/** An id without spaces, the same for the same path. */
function fieldId(path: string): string {
  return `field-${path.replaceAll(/[^A-Za-z0-9._*-]/g, (character) => `:${character.charCodeAt(0).toString(16)}`)}`;
}
