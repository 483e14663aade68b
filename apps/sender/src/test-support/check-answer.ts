import { contracts } from "@hooks/contracts/producer";
import type { Sender } from "@hooks/sender";
import { Ajv2020 } from "ajv/dist/2020.js";
import { createCursors } from "../cursor.ts";
import { createMetrics } from "../metrics.ts";
import type { Route } from "../route.ts";
import { createRoutes } from "../routes.ts";
import { createDocument } from "../openapi/document.ts";
import type { JsonSchema } from "../shape.ts";

/** The routes of an app that nobody calls. */
export const routes: readonly Route[] = createRoutes({
  // Routes read the contracts when they are made and everything else when they are called.
  sender: { contracts } as unknown as Sender,
  cursors: createCursors(""),
  metrics: createMetrics(),
  isOpen: () => true,
});

export const document: JsonSchema = createDocument(routes);

const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, "document");
const patterns = routes.map((route) => ({
  route,
  path: new RegExp(`^${route.path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

interface Asked {
  readonly method: string;
  readonly path: string;
}

interface Answered {
  readonly status: number;
  readonly json: unknown;
}

/** Throws when an answer of a route is not one that the OpenAPI document promises. */
export function checkAnswer({ method, path }: Asked, { status, json }: Answered): void {
  const [bare = ""] = path.split("?");
  const found = patterns.find(
    (one) => one.route.method === method.toLowerCase() && one.path.test(bare) && !bare.includes("%"),
  );
  if (found === undefined || json === undefined) return;
  const media = status < 400 ? "application/json" : "application/problem+json";
  const place = [
    "paths",
    found.route.path,
    found.route.method,
    "responses",
    String(status),
    "content",
    media,
  ];
  const pointer = place.map((part) =>
    part.replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D"),
  );
  const validate = ajv.getSchema(`document#/${pointer.join("/")}/schema`);
  if (validate === undefined) throw new Error(`The document knows no ${status} of ${method} ${path}`);
  if (!validate(json)) throw new Error(`${method} ${path}: ${ajv.errorsText(validate.errors)}`);
}
