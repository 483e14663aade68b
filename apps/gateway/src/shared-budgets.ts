import { type Budget, type BudgetOwner, createMemoryBudget, type Grant } from "./budget.ts";

/** The budgets that the workers of one gateway share, kept where all of them can ask. */
export function createSharedBudgets(): (owner: BudgetOwner, requests: number) => Promise<Grant> {
  const budgets = new Map<string, { readonly limit: string; readonly budget: Budget }>();
  return (owner, requests) => {
    const limit = `${owner.limit.perSecond} ${owner.limit.burst}`;
    const known = budgets.get(owner.source);
    const { budget } = known?.limit === limit ? known : { budget: createMemoryBudget(owner) };
    // Another limit, after a new configuration, begins with a new budget.
    if (known?.limit !== limit) budgets.set(owner.source, { limit, budget });
    return budget.take(requests);
  };
}
