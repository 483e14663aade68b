/**
 * Says why a pattern is refused: it must compile, and must not be able to take exponential time on hostile text.
 * So: no look-around, no back-references, and no repeated group that itself repeats or chooses.
 */
export function patternFault(pattern: string): string | undefined {
  try {
    void new RegExp(pattern, "u");
  } catch {
    return "Not a regular expression.";
  }
  const plain = pattern.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, "c");
  if (/\(\?(?:[=!]|<[=!])|\\[1-9k]/.test(plain)) return "Look-around and back-references are not allowed.";
  if (hasNestedChoice(plain.replaceAll(/\\./g, "c")))
    return "A repeated group must not itself repeat or choose: it could take exponential time.";
  return undefined;
}

function hasNestedChoice(plain: string): boolean {
  const open: boolean[] = [];
  for (let index = 0; index < plain.length; index++) {
    const character = plain[index] ?? "";
    if (character === "(") open.push(false);
    else if (character === ")") {
      const chooses = open.pop() ?? false;
      if (chooses && /^(?:[*+]|\{\d+,?\d*\})/.test(plain.slice(index + 1))) return true;
      if (chooses && open.length > 0) open[open.length - 1] = true;
    } else if (/[*+|{]/.test(character) && open.length > 0) open[open.length - 1] = true;
  }
  return false;
}
