import type { Json } from "../../json.ts";
import { wordsWhere } from "../../pattern/words.ts";
import { createDice } from "../../runtime/dice.ts";
import { formatTexts } from "../../samples/format-texts.ts";
import { edgeTexts } from "../../samples/texts.ts";
import { matches } from "../matches.ts";
import type { BoundName, Shape } from "../shape.ts";
import { numbersOf, textLimits } from "./scalars.ts";

/** A single text is made as long as that, to show that a reader takes none so long. */
const maxLength = 1_000_000;

/** Scalars on which a writer and a reader may well part: just beyond what the reader takes. */
export function* partingScalars(writer: Shape, reader: Shape): Iterable<Json> {
  if (writer.kinds.has("string")) yield* partingTexts(writer, reader);
  for (const name of ["number.min", "number.max"] as const) {
    const end = reader.bounds.get(name)?.value;
    if (end === undefined) continue;
    yield* [end, end + 1, end - 1];
    yield* numbersOf(writer, { minimum: end });
    yield* numbersOf(writer, { maximum: end });
  }
  for (const step of [...writer.multiples, ...reader.multiples])
    for (let count = 1; count <= 12; count++) yield* [count * step, -count * step, (count * step) / 2];
}

function* partingTexts(writer: Shape, reader: Shape): Iterable<string> {
  const limits = textLimits(writer);
  const all = [...writer.patterns];
  const [low, high] = [lengthAt(writer, "length.min") ?? 0, lengthAt(writer, "length.max") ?? 1_000];
  for (const pattern of [...reader.patterns].filter((one) => !writer.patterns.has(one))) {
    const words = wordsWhere({ all, none: [pattern] });
    const found = words === undefined ? [] : [words.between(low, high, "least"), ...words.edges.slice(0, 5)];
    yield* found.filter((text) => text !== undefined);
  }
  for (const format of reader.formats) yield* [...formatTexts(format).broken, ...formatTexts(format).valid];
  const dice = createDice(1);
  for (const format of writer.formats)
    for (let count = 0; count < 10; count++) {
      const text = formatTexts(format).random?.(dice);
      if (text !== undefined) yield text;
    }
  for (const length of lengthsBeyond(reader, { low, high: lengthAt(writer, "length.max") ?? maxLength })) {
    yield* edgeTexts({ ...limits, minLength: length, maxLength: length }).slice(0, 3);
    const fill = fills.find((one) => all.every((pattern) => matches(pattern, one.repeat(length))));
    if (fill !== undefined) yield fill.repeat(length);
  }
}

const fills = ["a", "0", "A", "-", " ", "é"];

/** Lengths that a reader does not take. */
function lengthsBeyond(
  reader: Shape,
  { low, high }: { readonly low: number; readonly high: number },
): readonly number[] {
  const [least, most] = [lengthAt(reader, "length.min"), lengthAt(reader, "length.max")];
  return [...(least === undefined ? [] : [least - 1]), ...(most === undefined ? [] : [most + 1])].filter(
    (length) => length >= Math.max(low, 0) && length <= Math.min(high, maxLength),
  );
}

function lengthAt({ bounds }: Shape, name: BoundName): number | undefined {
  return bounds.get(name)?.value;
}
