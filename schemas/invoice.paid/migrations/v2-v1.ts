import type { InvoicePaidV1, InvoicePaidV2 } from "../../../packages/contracts/src/generated/types.ts";

/**
 * Version 1 has a flat amount, knows of the customer only the id, and has no lines. Its amount is what was paid, which is
 * nothing where the total is a credit.
 */
export function down({ object }: InvoicePaidV2): InvoicePaidV1 {
  const { id, total, customer, description, paid_at } = object;
  return {
    object: {
      id,
      amount: Math.max(0, total.amount),
      currency: total.currency,
      customer_id: customer.id,
      paid_at,
      ...(description === null ? {} : { description }),
    },
  };
}

/** What version 1 never said stays out: the number, the lines, the customer's e-mail address. */
export function up({ object }: InvoicePaidV1): InvoicePaidV2 {
  const { id, amount, currency, customer_id, description, paid_at } = object;
  return {
    object: { id, total: { amount, currency }, customer: { id: customer_id }, description: description ?? null, paid_at },
  };
}
