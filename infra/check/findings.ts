/** Collects violations: counts all of them, and keeps the text of the first ones of each kind. */
import type { Report, Violation, ViolationKind } from './check.ts';

const kept = 1000;

export class Findings {
  readonly violations: Violation[] = [];
  readonly counts: Report['counts'] = {};

  /** @param ride the identity of the ride, if it is about one */
  add(kind: ViolationKind, what: string, times = 1, ride?: string): void {
    const before = this.counts[kind] ?? 0;
    this.counts[kind] = before + times;
    if (before < kept) this.violations.push({ kind, what, ...(ride !== undefined && { ride }) });
  }
}
