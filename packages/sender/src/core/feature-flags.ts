type Schema = Readonly<Record<string, unknown>>;

/** What a contract keeps from endpoints without a flag. */
export interface Flags {
  /** Of the event itself. */
  readonly event: readonly string[];
  /** Of its members, wherever they stand. */
  readonly members: readonly string[];
}

const ANNOTATION = "x-feature-flag";
/** Keywords whose value is data, in which nothing is an annotation. */
const DATA_KEYWORDS = new Set(["const", "default", "enum", "examples"]);

/** The feature flags that a bundled schema names. */
export function flagsOf(schema: unknown): Flags {
  if (!isRecord(schema)) return { event: [], members: [] };
  const members = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isRecord(value)) return;
    for (const flag of namedBy(value)) members.add(flag);
    for (const [keyword, inner] of Object.entries(value)) if (!DATA_KEYWORDS.has(keyword)) visit(inner);
  };
  for (const [keyword, inner] of Object.entries(schema)) if (!DATA_KEYWORDS.has(keyword)) visit(inner);
  return { event: namedBy(schema), members: [...members].toSorted() };
}

/** Whether somebody with the flags `held` may see what is kept behind `wanted`: all of them are needed. */
export function isShown(wanted: readonly string[], held: ReadonlySet<string>): boolean {
  return wanted.every((flag) => held.has(flag));
}

/**
 * Data without the members that are kept behind flags not `held`; the same object when there are none. `root` is the
 * bundled schema that the data is valid by. Of a union with a discriminator the branch that applies counts, of any other
 * all branches do.
 */
export function stripMembers(data: unknown, root: unknown, held: ReadonlySet<string>): unknown {
  const definitions = isRecord(root) && isRecord(root["$defs"]) ? root["$defs"] : {};
  return isRecord(root) ? strip(data, root, { definitions, held }) : data;
}

interface Stripping {
  readonly definitions: Schema;
  readonly held: ReadonlySet<string>;
}

function strip(data: unknown, schema: Schema, stripping: Stripping): unknown {
  if (typeof data !== "object" || data === null) return data;
  let stripped: unknown = data;
  for (const applied of appliedTo(data, schema, stripping)) stripped = strip(stripped, applied, stripping);
  return Array.isArray(stripped)
    ? stripItems(stripped, schema, stripping)
    : // Not an array, not null.
      stripObject(stripped as Schema, schema, stripping);
}

/** The schemas that hold for the same value. */
function appliedTo(data: object, schema: Schema, { definitions }: Stripping): readonly Schema[] {
  const target = targetOf(schema, definitions);
  const branches = ["allOf", "anyOf", "oneOf"].flatMap((keyword) => recordsOf(schema[keyword]));
  const tagName = isRecord(schema["discriminator"]) ? schema["discriminator"]["propertyName"] : undefined;
  const applied =
    typeof tagName === "string"
      ? branches.filter((branch) => {
          const { properties } = targetOf(branch, definitions) ?? branch;
          return accepts(isRecord(properties) ? properties[tagName] : undefined, (data as Schema)[tagName]);
        })
      : branches;
  return target === undefined ? applied : [target, ...applied];
}

/** Whether a branch may be the one that a tag names. */
function accepts(property: unknown, tag: unknown): boolean {
  if (!isRecord(property)) return true;
  return property["const"] === tag || (Array.isArray(property["enum"]) && property["enum"].includes(tag));
}

function targetOf(schema: Schema, definitions: Schema): Schema | undefined {
  const reference = schema["$ref"];
  if (typeof reference !== "string") return undefined;
  const name = reference.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~");
  const target = definitions[name];
  return isRecord(target) ? target : undefined;
}

function stripObject(data: Schema, schema: Schema, stripping: Stripping): unknown {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  let changed: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(data)) {
    const member = memberSchema(name, properties, schema);
    if (member === undefined) continue;
    const isHidden = !isShown(flagsAt(member, stripping), stripping.held);
    const kept = isHidden ? undefined : strip(value, member, stripping);
    if (kept === value) continue;
    changed ??= { ...data };
    if (isHidden) delete changed[name];
    else changed[name] = kept;
  }
  return changed ?? data;
}

function memberSchema(name: string, properties: Schema, schema: Schema): Schema | undefined {
  const found = Object.hasOwn(properties, name) ? properties[name] : schema["additionalProperties"];
  return isRecord(found) ? found : undefined;
}

/** The flags of a member: its own, and those of the shape it refers to. */
function flagsAt(member: Schema, { definitions }: Stripping): readonly string[] {
  const target = targetOf(member, definitions);
  return target === undefined ? namedBy(member) : [...namedBy(member), ...namedBy(target)];
}

function stripItems(data: readonly unknown[], schema: Schema, stripping: Stripping): readonly unknown[] {
  const items = schema["items"];
  if (!isRecord(items)) return data;
  const stripped = data.map((item) => strip(item, items, stripping));
  return stripped.every((item, index) => item === data[index]) ? data : stripped;
}

function namedBy(schema: Schema): readonly string[] {
  const flags = schema[ANNOTATION];
  return Array.isArray(flags) ? flags.filter((flag) => typeof flag === "string") : [];
}

function recordsOf(list: unknown): readonly Schema[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
