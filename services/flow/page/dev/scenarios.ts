/** What can be looked at: `?state=` in the address of the page. */
import type { Scenario } from './simulation.ts';

const usual: Scenario = { rate: 0, partitions: 3, transactions: 1, open: 60, pace: 2000 };

export const scenarios: Record<string, Scenario> = {
  empty: usual,
  off: { ...usual, controls: 'off' },
  compose: { ...usual, controls: 'compose' },
  slow: { ...usual, rate: 3, transactions: 2, open: 900, pace: 1.5 },
  some: { ...usual, rate: 12, transactions: 2, open: 250, pace: 30 },
  busy: { ...usual, rate: 200, transactions: 2 },
  flood: { ...usual, rate: 2000, transactions: 3, pace: 5000, open: 25 },
  twelve: { ...usual, rate: 40, partitions: 12, transactions: 3, open: 200, pace: 40 },
  rebalance: { ...usual, rate: 6, transactions: 3, open: 300, pace: 6, rebalance: true },
  aborted: { ...usual, rate: 6, transactions: 2, open: 400, pace: 30, abort: true },
  dead: { ...usual, rate: 10, transactions: 2, open: 200, pace: 30, dead: true },
  lost: { ...usual, rate: 20, transactions: 2, pace: 60, lost: true },
  away: { ...usual, rate: 0, backlog: 40, away: true },
  lag: { ...usual, rate: 20, backlog: 50_000, pace: 300, transactions: 1 },
};
