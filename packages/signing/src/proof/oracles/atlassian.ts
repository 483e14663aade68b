import { type Oracle, passes } from "../oracle.ts";

const secret = "a shared secret of the installation";
const clientKey = "1234567890";

export const oracle: Oracle = {
  providers: ["jira-connect"],
  library: "atlassian-jwt",
  secrets: [secret],
  settings: { clientKey, baseUrl: "https://hooks.example.com/" },
  sign: async ({ timestamp, url, body }) => {
    const { encodeSymmetric, createQueryStringHash, fromMethodAndUrl } = await import("atlassian-jwt");
    const qsh = createQueryStringHash(fromMethodAndUrl("POST", url));
    const token = encodeSymmetric({ iss: clientKey, iat: timestamp, exp: timestamp + 180, qsh }, secret);
    return { method: "POST", url, headers: { authorization: `JWT ${token}` }, body };
  },
  verify: async ({ method, url, headers }) => {
    const { decodeSymmetric, createQueryStringHash, fromMethodAndUrl, SymmetricAlgorithm } =
      await import("atlassian-jwt");
    return passes(() => {
      const token = headers["authorization"]?.replace(/^JWT /, "") ?? "";
      const { qsh } = decodeSymmetric(token, secret, SymmetricAlgorithm.HS256) as { qsh?: unknown };
      if (qsh !== createQueryStringHash(fromMethodAndUrl(method, url))) throw new Error("another URL");
    });
  },
};
