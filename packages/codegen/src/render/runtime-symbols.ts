/** What generated validators may import: symbol to the file of the shared code that exports it. */
export const runtimeSymbols: ReadonlyMap<string, string> = new Map([
  ["createLinearPattern", "linear-pattern"],
  ["formats", "formats"],
  ["isEqual", "equal"],
  ["isLonger", "text-length"],
  ["isShorter", "text-length"],
  ["isUnique", "unique"],
]);
