/** What generated validators may import: symbol to the file of the shared code that exports it. */
export const runtimeSymbols: ReadonlyMap<string, string> = new Map([
  ["createLinearPattern", "linear-pattern"],
  ["isDate", "format-times"],
  ["isDateTime", "format-times"],
  ["isDuration", "format-times"],
  ["isEmail", "format-addresses"],
  ["isEqual", "equal"],
  ["isHostname", "format-addresses"],
  ["isIpv4", "format-addresses"],
  ["isIpv6", "format-addresses"],
  ["isJsonPointer", "format-pointers"],
  ["isLonger", "text-length"],
  ["isRegex", "format-pointers"],
  ["isRelativeJsonPointer", "format-pointers"],
  ["isShorter", "text-length"],
  ["isTime", "format-times"],
  ["isUnique", "unique"],
  ["isUri", "format-addresses"],
  ["isUriReference", "format-addresses"],
  ["isUriTemplate", "format-addresses"],
  ["isUuid", "format-addresses"],
]);

/** The function that checks a format: `date-time` to `isDateTime`. A bundler leaves out those nobody uses. */
export function formatSymbol(format: string): string {
  const words = format.split("-").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return `is${words.join("")}`;
}
