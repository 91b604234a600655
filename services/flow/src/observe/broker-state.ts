/** Whether Kafka answers, and since when. Pure. */
import type { BrokerState } from '../protocol.ts';

/** While Kafka is away, each failed attempt says so again: the start stays, and so does the number of brokers that were there. */
export const brokerState = (
  before: BrokerState,
  { up, brokers }: Pick<BrokerState, 'up' | 'brokers'>,
  now: number,
): BrokerState => ({
  up,
  since: up === before.up ? before.since : now,
  brokers: up ? brokers : before.brokers,
});
