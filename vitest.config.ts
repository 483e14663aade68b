import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Threads and processes that tests start load TypeScript by Node.js itself, which takes a WebAssembly module for what it has not
// cached. Many that come and go in threads can end the process: "Check failed: jit_page.has_value()", nodejs/node#64500.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/node-compile-cache");

export default defineConfig({
  test: {
    include: [
      "{packages,apps}/*/src/**/*.test.ts",
      "{benchmarks,tests}/src/**/*.test.ts",
      "examples/*/src/**/*.test.ts",
    ],
    // No test is about time: these are for what hangs, on a machine that has much else to do, too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
  },
});
