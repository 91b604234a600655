/** The result of a run, in figures and in words. */
import type { Outcome } from './send.ts';

/** The most different reasons that are listed. */
const listed = 10;

export class Summary {
  #accepted = 0;
  #repeats = 0;
  readonly #reasons = new Map<string, number>();
  readonly #times: number[] = [];

  add({ accepted, reason, milliseconds, attempts }: Outcome): void {
    if (accepted) this.#accepted++;
    else this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    if (milliseconds !== null) this.#times.push(milliseconds);
    this.#repeats += attempts - 1;
  }

  get accepted(): number {
    return this.#accepted;
  }
  get refused(): number {
    return [...this.#reasons.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * @param wanted the number of rides to send
   * @param seconds the duration of the run
   */
  text(wanted: number, seconds: number): string {
    const answered = this.#accepted + this.refused;
    const open = wanted - answered;
    const reasons = [...this.#reasons].sort((a, b) => b[1] - a[1]);
    const times = this.#times.sort((a, b) => a - b);
    const rate = answered / Math.max(seconds, 0.001);
    return [
      `${answered} of ${wanted} rides in ${seconds.toFixed(1)} s (${rate.toFixed(1)} per second)`,
      `  accepted     ${this.#accepted}`,
      `  refused      ${this.refused}`,
      ...reasons.slice(0, listed).map(([reason, count]) => `    ${count} × ${reason}`),
      ...(reasons.length > listed ? [`    and ${reasons.length - listed} other reasons`] : []),
      ...(open > 0 ? [`  not answered ${open}`] : []),
      ...(this.#repeats > 0 ? [`  retried      ${this.#repeats} requests, none booked twice`] : []),
      ...(times.length > 0
        ? [
            `  answer time  p50 ${ms(quantile(times, 0.5))}, p99 ${ms(quantile(times, 0.99))}, longest ${ms(times.at(-1) ?? 0)}`,
          ]
        : []),
    ].join('\n');
  }
}

/** The quantile of sorted values by nearest rank. */
export const quantile = (sorted: number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
