/** Whether Kafka answers, since when, and what is said of it. Pure. */
import type { BrokerState, News } from '../protocol.ts';

/** While Kafka is away, each failed attempt says so again: the start stays, and so does the number of brokers that were there. */
export const brokerState = (
  before: BrokerState,
  { up, brokers }: Pick<BrokerState, 'up' | 'brokers'>,
  now: number,
  asked = false,
): BrokerState => ({
  up,
  since: up === before.up ? before.since : now,
  brokers: up ? brokers : before.brokers,
  asked: !up && (before.up ? asked : before.asked),
});

/** What has changed, in words; null: nothing that is worth telling. @param reason why Kafka does not answer */
export function brokerNews(
  before: BrokerState,
  { up, asked }: BrokerState,
  reason: string | null,
): Pick<News, 'tone' | 'text'> | null {
  if (before.up && !up)
    return asked
      ? { tone: 'warning', text: 'Kafka was killed, as asked; what is shown is as it was' }
      : { tone: 'error', text: `Kafka does not answer (${reason}); what is shown is as it was` };
  if (!before.up && up && before.brokers > 0) return { tone: 'ok', text: 'Kafka answers again' };
  return null;
}
