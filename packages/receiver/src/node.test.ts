import { createNodeHandler } from "./node.ts";
import { describeAdapter } from "./test-support/conformance.ts";

describeAdapter("createNodeHandler", ({ receiver, listen }) => {
  const handle = createNodeHandler(receiver);
  return listen((request, response) => {
    request.url = (request.url ?? "").replace(/^\/webhooks/, "");
    void handle(request, response);
  });
});
