/** A clock: a separate process that sends rides when they are due and observes their decisions. Both sides of it are here. */
import { once } from 'node:events';
import type { Decided } from './decisions.ts';
import { type Program, startProgram } from './program.ts';

export interface Rate {
  /** Rides per second. */
  rate: number;
  seconds: number;
}
/** What the figures are measured at. */
export const rates: Rate[] = [
  { rate: 10, seconds: 4 },
  { rate: 200, seconds: 4 },
  { rate: 1000, seconds: 2 },
];

export interface Clock<Order> extends Program {
  /** Resolves when it observes the decisions. */
  ready: Promise<unknown>;
  /** @throws Error with what the process says if it could not */
  follow(order: Order): Promise<Decided[]>;
}

type Answer = { rides: Decided[] } | { problem: string };

/** @param topics those with the decisions */
export function startClock<Order extends Rate>(
  script: string,
  brokers: string[],
  topics: string[],
): Clock<Order> {
  const program = startProgram(script, {}, { args: [brokers.join(), ...topics] });
  return {
    ...program,
    ready: once(program.process, 'message'),
    async follow(order) {
      program.process.send(order);
      const [answer] = (await once(program.process, 'message')) as [Answer];
      if ('problem' in answer) throw new Error(answer.problem);
      return answer.rides;
    },
  };
}

/** In the process: says that it is ready, and answers each order. */
export function serveAsClock<Order extends Rate>(follow: (order: Order) => Promise<Decided[]>): void {
  process.on('message', async (order: Order) => {
    const answer: Answer = await follow(order).then(
      (rides) => ({ rides }),
      (error: Error) => ({ problem: error.message }),
    );
    process.send?.(answer);
  });
  process.send?.('ready');
}
