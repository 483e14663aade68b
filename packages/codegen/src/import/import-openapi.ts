import { isObject, pointerTo, type Json, type JsonObject } from "../json.ts";
import { inside, resolveReference, rootOf, type Documents, type Location } from "../normalise/references.ts";
import { refusal } from "../problem.ts";
import { contractFiles, type FoundContract } from "./contract-files.ts";
import { withoutEnvelopes } from "./envelope.ts";
import { eventTypeFrom, eventTypesFrom } from "./event-type.ts";
import { bundleLeaves, examplesOf } from "./import-schema.ts";
import { createSource, type Imported, type ImportOptions, type Source } from "./imported.ts";
import { leavesFrom, type Leaf } from "./leaves.ts";
import { modernOpenApi } from "./openapi-schema.ts";

/**
 * Makes a folder of contracts of the `webhooks` (3.1) or `x-webhooks` (3.0) of an OpenAPI document: one for each
 * webhook, or for each branch where its payload is a union of events. Pure; nothing is fetched. Throws
 * `ContractsError` when it is no OpenAPI 3, has no webhooks, or its schemas are broken.
 */
export function importOpenApi(document: unknown, options: ImportOptions): Imported {
  const file = options.file ?? "openapi.yaml";
  const version = isObject(document) ? document["openapi"] : undefined;
  if (typeof version !== "string" || !/^3\.[0-9]/.test(version))
    throw refusal({
      file,
      pointer: "/openapi",
      code: "not_openapi",
      message: "Expected an OpenAPI document, version 3.0 or 3.1.",
    });
  // It was parsed from JSON or YAML; what is no schema in it is found out as it is read.
  const parsed = document as JsonObject;
  const source = createSource(file, version.startsWith("3.0") ? modernOpenApi(parsed) : parsed);
  const found = findWebhooks(source).flatMap((webhook) => {
    const leaves = leavesFrom([webhook], source);
    return leaves.map((leaf) => ({ leaf, webhook, isOnly: leaves.length === 1 }));
  });
  const { schemas, definitions, warnings } = bundleLeaves(
    found.map(({ leaf }) => leaf),
    source,
  );
  const names = found.map(({ leaf, webhook, isOnly }) => (isOnly ? (leaf.tag ?? webhook.name) : leaf.name));
  const types = eventTypesFrom(names);
  const contracts = found.map(({ webhook, isOnly }, index): FoundContract => {
    const schema = schemas[index] ?? {};
    const examples = isOnly ? new Map([...examplesOf(schema), ...webhook.examples]) : examplesOf(schema);
    const { summary, trigger } = isOnly ? webhook : {};
    return { type: types[index] ?? "", schema, examples, summary, trigger };
  });
  return contractFiles(withoutEnvelopes({ contracts, definitions, warnings }), options);
}

/** A request of a webhook: where the schema of its body stands. */
interface Webhook extends Leaf {
  readonly examples: ReadonlyMap<string, Json>;
  readonly summary?: string | undefined;
  readonly trigger?: string | undefined;
}

const methods = ["post", "put", "patch", "get", "delete"];

function findWebhooks({ file, documents }: Source): readonly Webhook[] {
  const root = rootOf(file, documents);
  const at = (place: Location | undefined, name: string) => step(place, name, documents);
  const webhooks = ["webhooks", "x-webhooks"].flatMap((keyword) => {
    const map = at(root, keyword);
    return namesIn(map).flatMap((name) => {
      const item = at(map, name);
      const operations = methods.flatMap((method) => at(item, method) ?? []);
      return operations.flatMap((operation, index) => {
        const content = at(at(operation, "requestBody"), "content");
        const type = namesIn(content).find((one) => /^application\/(?:[\w.+-]+\+)?json\b/.test(one));
        const media = type === undefined ? undefined : at(content, type);
        if (media === undefined || !isObject(media.value) || media.value["schema"] === undefined) return [];
        const suffix = index === 0 ? "" : `.${operation.pointer.split("/").at(-1)}`;
        const webhook = describe(nameOf(name, operation.value) + suffix, operation, media);
        return [{ ...webhook, examples: examplesIn(media, documents) }];
      });
    });
  });
  if (webhooks.length > 0) return webhooks;
  const message = "There is no webhook with a JSON body: expected webhooks, or x-webhooks before 3.1.";
  throw refusal({ file, code: "no_event_types", message });
}

/** An `operationId` that says the same as the webhook's name, and where its words part, says it better. */
function nameOf(name: string, operation: Json): string {
  const id = isObject(operation) ? operation["operationId"] : undefined;
  if (typeof id !== "string") return name;
  const [plain, better] = [eventTypeFrom(name), eventTypeFrom(id)];
  const isSame = plain.replaceAll(".", "_") === better.replaceAll(".", "_");
  return isSame && !plain.includes(".") ? id : name;
}

function describe(name: string, operation: Location, media: Location): Omit<Webhook, "examples"> {
  const { summary, description } = isObject(operation.value) ? operation.value : {};
  return {
    name,
    pointer: `${media.pointer}/schema`,
    summary: typeof summary === "string" ? summary : undefined,
    trigger: typeof description === "string" ? description : undefined,
  };
}

function examplesIn(media: Location, documents: Documents): ReadonlyMap<string, Json> {
  const examples = new Map<string, Json>();
  if (!isObject(media.value)) return examples;
  if (media.value["example"] !== undefined) examples.set("example", media.value["example"]);
  const map = step(media, "examples", documents);
  for (const name of namesIn(map)) {
    const example = step(map, name, documents);
    const value = isObject(example?.value) ? example.value["value"] : undefined;
    if (value !== undefined) examples.set(fileNameFrom(name), value);
  }
  return examples;
}

function fileNameFrom(name: string): string {
  const safe = name.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-");
  return safe.replaceAll(/^-+|-+$/g, "").slice(0, 80) || "example";
}

/** The value of a member, or what the member refers to. */
function step(place: Location | undefined, name: string, documents: Documents): Location | undefined {
  if (place === undefined || !isObject(place.value) || !Object.hasOwn(place.value, name)) return undefined;
  let found = inside(place, pointerTo("", name), place.value[name] ?? null);
  for (let steps = 0; isObject(found.value) && typeof found.value["$ref"] === "string"; steps++) {
    const resolved = resolveReference(found.value["$ref"], found, documents);
    const pointer = `${found.pointer}/$ref`;
    const reference = JSON.stringify(found.value["$ref"]);
    if (!resolved.ok)
      throw refusal({
        file: found.file,
        pointer,
        code: resolved.code,
        message: `${reference} leads out of the document.`,
      });
    if (steps > 10)
      throw refusal({
        file: found.file,
        pointer,
        code: "reference_cycle",
        message: `${reference} leads back to itself.`,
      });
    found = resolved.target;
  }
  return found;
}

function namesIn(place: Location | undefined): readonly string[] {
  return place !== undefined && isObject(place.value) ? Object.keys(place.value) : [];
}
