import { describe, expect, it } from "vitest";

describe("@hooks/signing", () => {
  it("exports the test vectors as JSON", async () => {
    const name = "@hooks/signing/vectors.json";
    const { default: file } = (await import(name, { with: { type: "json" } })) as {
      default: { vectors: unknown[] };
    };
    expect(file.vectors.length).toBeGreaterThan(50);
  });
});
