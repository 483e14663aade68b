import { type Budget, type BudgetOwner, createMemoryBudget } from "./budget.ts";

/**
 * The budgets of sources, for all that take from them: several workers of one gateway, or one configuration after another.
 * Whoever opens one with another limit begins a new one.
 */
export function createSharedBudgets(): (owner: BudgetOwner) => Budget {
  const budgets = new Map<string, { readonly limit: string; readonly budget: Budget }>();
  return (owner) => {
    const limit = `${owner.limit.perSecond} ${owner.limit.burst}`;
    const known = budgets.get(owner.source);
    if (known?.limit === limit) return known.budget;
    const budget = createMemoryBudget(owner);
    budgets.set(owner.source, { limit, budget });
    return budget;
  };
}
