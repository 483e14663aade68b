import type { AnyNode, Node } from "acorn";

/** Replaces the text between two offsets. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The nodes directly inside a node. A program has millions, so they are looked for without making lists of all else. */
function childNodes(node: AnyNode): readonly AnyNode[] {
  const found: AnyNode[] = [];
  for (const value of Object.values(node) as readonly unknown[]) {
    if (isNode(value)) found.push(value);
    else if (Array.isArray(value))
      for (const item of value as readonly unknown[]) if (isNode(item)) found.push(item);
  }
  return found;
}

/** Shows every node to `visit`, outermost first; where that answers true, what is inside is left out. */
export function walk(node: AnyNode, visit: (node: AnyNode, parent?: AnyNode) => boolean): void {
  const step = (inner: AnyNode, parent?: AnyNode): void => {
    if (!visit(inner, parent)) for (const child of childNodes(inner)) step(child, inner);
  };
  step(node);
}

/** Whether an identifier stands for a value, and is not merely the name of a member. */
export function isReference(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent?.type === "FunctionDeclaration") return parent.id !== node;
  return !(parent?.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand);
}

/** The text of a node with edits made, none of which overlap. */
export function edited(text: string, { start, end }: Node, edits: readonly Edit[]): string {
  const inside = edits.filter((edit) => edit.start >= start && edit.end <= end);
  const pieces: string[] = [];
  let at = start;
  for (const edit of inside.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return [...pieces, text.slice(at, end)].join("");
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
