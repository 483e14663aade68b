/** Text that may stand in a document as it is: everything foreign in it has been escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put into a template: texts are escaped, `false` and `undefined` leave nothing. */
export type Part = string | number | false | undefined | Html | readonly Part[];

/**
 * Builds HTML of a literal template; every text put into it is escaped, for elements and quoted attributes alike.
 * The template's own indentation is left out.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const known = literals.get(strings) ?? strings.map((string) => string.replaceAll(/\n\s+/g, "\n"));
  literals.set(strings, known);
  return new Html(known.map((literal, index) => literal + textOf(parts[index])).join(""));
}

/** A template is one and the same whenever its place in the code is reached. */
const literals = new WeakMap<TemplateStringsArray, readonly string[]>();

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return escapeHtml(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes a text for an element or a quoted attribute; control characters, which HTML cannot hold, become U+FFFD. */
function escapeHtml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "")
      // oxlint-disable-next-line no-control-regex -- These are what is looked for.
      .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\u{fffd}")
  );
}

/** A sentence of a contract; what stands between backticks is code. */
export function prose(text: string): Html {
  return html`${text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its member names, texts and other values marked; its text content is the JSON itself. */
export function highlightJson(value: unknown): Html {
  const text = JSON.stringify(value, null, 2);
  let end = 0;
  const parts: Html[] = [];
  for (const match of text.matchAll(token)) {
    const [whole, quoted, colon] = match;
    parts.push(html`${text.slice(end, match.index)}`);
    if (colon !== undefined) parts.push(html`<span class="key">${quoted}</span>${colon}`);
    else parts.push(html`<span class="${quoted === undefined ? "literal" : "string"}">${whole}</span>`);
    end = match.index + whole.length;
  }
  return html`${parts}${text.slice(end)}`;
}
