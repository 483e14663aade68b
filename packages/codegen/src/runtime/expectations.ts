interface Expectation {
  readonly code: string;
  readonly expected: (params: Readonly<Record<string, unknown>>) => string;
  /** The parameter that names the member at fault, where the error itself points at its parent. */
  readonly member?: string;
}

const atMost = (unit: string) => (params: Readonly<Record<string, unknown>>) =>
  `at most ${String(params["limit"])}${unit}`;
const atLeast = (unit: string) => (params: Readonly<Record<string, unknown>>) =>
  `at least ${String(params["limit"])}${unit}`;
const compared = (params: Readonly<Record<string, unknown>>) =>
  `a number ${String(params["comparison"])} ${String(params["limit"])}`;

/** Keyword to code and words. A keyword that is not here only repeats what another has said. */
export const expectations: Readonly<Record<string, Expectation | undefined>> = {
  required: { code: "missing_member", expected: () => "a value", member: "missingProperty" },
  additionalProperties: {
    code: "unknown_member",
    expected: () => "no member of this name",
    member: "additionalProperty",
  },
  unevaluatedProperties: {
    code: "unknown_member",
    expected: () => "no member of this name",
    member: "unevaluatedProperty",
  },
  dependentRequired: {
    code: "missing_member",
    expected: ({ property }) => `a value, as there is ${String(property)}`,
    member: "missingProperty",
  },
  propertyNames: {
    code: "unknown_member",
    expected: () => "another name for this member",
    member: "propertyName",
  },
  anyOf: { code: "no_variant_matches", expected: () => "a value that one of the variants describes" },
  oneOf: {
    code: "no_variant_matches",
    expected: ({ passingSchemas }) =>
      Array.isArray(passingSchemas)
        ? "a value that a single variant describes, not several"
        : "a value that one of the variants describes",
  },
  "false schema": { code: "value_not_allowed", expected: () => "nothing at this place" },
  not: { code: "value_not_allowed", expected: () => "a value other than those excluded" },
  contains: {
    code: "missing_item",
    expected: ({ minContains, maxContains }) =>
      `at least ${String(minContains)} ${maxContains === undefined ? "" : `and at most ${String(maxContains)} `}of the items described`,
  },
  items: { code: "wrong_length", expected: atMost(" items") },
  unevaluatedItems: {
    code: "wrong_length",
    expected: ({ len }) => `at most ${String(len)} items`,
  },
  discriminator: { code: "unknown_variant", expected: () => "the tag of a known variant", member: "tag" },
  type: { code: "wrong_type", expected: ({ type }) => [type].flat().join(" or ") },
  enum: {
    code: "value_not_allowed",
    expected: ({ allowedValues }) => `one of ${listed([allowedValues].flat())}`,
  },
  const: { code: "value_not_allowed", expected: ({ allowedValue }) => quote(allowedValue) },
  format: { code: "wrong_format", expected: ({ format }) => `the format ${String(format)}` },
  pattern: { code: "wrong_format", expected: ({ pattern }) => `a match of ${String(pattern)}` },
  minimum: { code: "out_of_range", expected: compared },
  maximum: { code: "out_of_range", expected: compared },
  exclusiveMinimum: { code: "out_of_range", expected: compared },
  exclusiveMaximum: { code: "out_of_range", expected: compared },
  multipleOf: {
    code: "out_of_range",
    expected: ({ multipleOf }) => `a multiple of ${String(multipleOf)}`,
  },
  minLength: { code: "wrong_length", expected: atLeast(" characters") },
  maxLength: { code: "wrong_length", expected: atMost(" characters") },
  minItems: { code: "wrong_length", expected: atLeast(" items") },
  maxItems: { code: "wrong_length", expected: atMost(" items") },
  minProperties: { code: "wrong_length", expected: atLeast(" members") },
  maxProperties: { code: "wrong_length", expected: atMost(" members") },
  uniqueItems: { code: "duplicate_items", expected: () => "items that differ from each other" },
};

const maxListed = 20;

function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, maxListed).map(quote).join(", ");
  return values.length <= maxListed ? shown : `${shown} and ${values.length - maxListed} more`;
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
