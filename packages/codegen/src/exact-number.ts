/**
 * What a number of a JSON text becomes when JavaScript reads it (binary64), if that is another number; `undefined` when
 * it stays what it is. Integers have to stay exactly the same, fractions have to stay fractions: that their last
 * digits are rounded is in the nature of them.
 */
export function roundingOf(token: string): string | undefined {
  const value = Number(token);
  if (!Number.isFinite(value)) return "Infinity";
  if (!Number.isInteger(value) || /^-?\d{1,15}$/.test(token)) return undefined;
  const written = decimalOf(token);
  if (written.digits === "") return undefined;
  const isSame = written.exponent >= 0 && (isPrinted(written, value) || integerOf(written) === exact(value));
  return isSame ? undefined : String(value);
}

/** `digits` × 10^`exponent`, without the sign and without zeros around the digits. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(token: string): Decimal {
  const [, whole = "", fraction = "", power = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const all = whole + fraction;
  let [start, end] = [0, all.length];
  while (start < end && all[start] === "0") start++;
  while (end > start && all[end - 1] === "0") end--;
  return { digits: all.slice(start, end), exponent: Number(power) - fraction.length + (all.length - end) };
}

/** `1e23` is what JavaScript prints for the number nearest to it, so whoever wrote it has lost nothing. */
function isPrinted({ digits, exponent }: Decimal, value: number): boolean {
  const printed = decimalOf(String(value));
  return printed.digits === digits && printed.exponent === exponent;
}

/** Nothing larger than the largest finite number comes here, so there are at most 309 digits. */
function integerOf({ digits, exponent }: Decimal): bigint {
  return BigInt(digits + "0".repeat(exponent));
}

function exact(value: number): bigint {
  return BigInt(Math.abs(value));
}
