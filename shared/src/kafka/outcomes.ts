/** What became of messages, for the metrics and for whoever listens to the feed. */
import { instant } from '../feed.ts';
import type { Service } from '../service.ts';
import { type ReaderName, topology } from '../topology.ts';
import type { Handled } from './delivery.ts';
import { consumerMetricsOf } from './group.ts';

/** Called with what is durable now. */
export function reportOutcomes(
  service: Service<ReaderName>,
): (partition: number, handled: Handled[]) => void {
  const { feed } = service;
  const topic = topology[service.name].reads;
  const metrics = consumerMetricsOf(service);

  function count(handled: Handled[]) {
    const now = Date.now();
    const outcomes = { done: 0, repeat: 0, 'dead letter': 0, dropped: 0 };
    for (const { outcome, received } of handled) {
      outcomes[outcome]++;
      const asked =
        outcome === 'done' && (received?.value as { requested_at: string } | undefined)?.requested_at;
      if (asked) metrics.age.observe((now - Date.parse(asked)) / 1000);
    }
    metrics.processed.inc({ topic }, outcomes.done);
    metrics.repeated.inc({ topic }, outcomes.repeat);
    metrics.deadLettered.inc({ topic }, outcomes['dead letter']);
    metrics.dropped.inc({ topic }, outcomes.dropped);
  }

  /** Replays for other readers leave no trace: nothing was done with them. */
  function tell(partition: number, handled: Handled[]) {
    const now = instant();
    for (const { outcome, received, trace } of handled) {
      if (!trace) continue;
      const ride = (received?.value as { id: string } | undefined)?.id ?? null;
      const identity = received && { identity: received.identity };
      feed.tell({ what: outcome, topic, partition, ride, ...identity, ...trace, at: now });
    }
  }

  return (partition, handled) => {
    count(handled);
    if (feed.heard) tell(partition, handled);
  };
}
