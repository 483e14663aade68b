import type { Oracle } from "../oracle.ts";

const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

const items = [
  {
    additionalData: {},
    amount: { currency: "EUR", value: 1130 },
    eventCode: "AUTHORISATION",
    eventDate: "2026-11-20T12:00:00+01:00",
    merchantAccountCode: "TestMerchant",
    merchantReference: "TestPayment:1407325143704",
    originalReference: "",
    paymentMethod: "visa",
    pspReference: "7914073381342284",
    reason: "",
    success: "true",
  },
  {
    additionalData: {},
    amount: { currency: "JPY", value: 0 },
    eventCode: "REFUND",
    eventDate: "2026-11-20T12:00:00+01:00",
    merchantAccountCode: "TestMerchant",
    merchantReference: "é",
    originalReference: "7914073381342284",
    paymentMethod: "visa",
    pspReference: "8914073381342285",
    reason: "",
    success: "false",
  },
];

async function loadValidator() {
  const { default: library } = await import("@adyen/api-library");
  return new library.hmacValidator();
}

type Item = Parameters<Awaited<ReturnType<typeof loadValidator>>["validateHMAC"]>[0];

/** Items as JSON has them; the library's type has more of them required than Adyen sends. */
function asItem(value: unknown): Item {
  return value as Item;
}

export const oracle: Oracle = {
  providers: ["adyen"],
  library: "@adyen/api-library",
  secrets: [key],
  body: Buffer.from(JSON.stringify({ notificationItems: items })),
  sign: async ({ url }) => {
    const validator = await loadValidator();
    const notificationItems = items.map((item) => {
      const hmacSignature = validator.calculateHmac(asItem(item), key);
      return { NotificationRequestItem: { ...item, additionalData: { hmacSignature } } };
    });
    const body = Buffer.from(JSON.stringify({ live: "false", notificationItems }));
    return { method: "POST", url, headers: { "content-type": "application/json" }, body };
  },
  verify: async ({ body }) => {
    const validator = await loadValidator();
    const { notificationItems } = JSON.parse(body.toString()) as {
      notificationItems: { NotificationRequestItem: unknown }[];
    };
    return notificationItems.every((entry) =>
      validator.validateHMAC(asItem(entry.NotificationRequestItem), key),
    );
  },
};

export const platformOracle: Oracle = {
  providers: ["adyen-platform"],
  library: "@adyen/api-library",
  secrets: [key],
  sign: async ({ url, body }) => {
    const validator = await loadValidator();
    return {
      method: "POST",
      url,
      headers: { hmacsignature: validator.calculateHmac(body.toString(), key) },
      body,
    };
  },
  verify: async ({ headers, body }) => {
    const validator = await loadValidator();
    return validator.validateHMACSignature(key, headers["hmacsignature"] ?? "", body.toString());
  },
};
