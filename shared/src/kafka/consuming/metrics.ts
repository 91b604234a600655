/** The metrics of a service's readers. */
import { type ConsumerMetrics, consumerMetrics } from '../../metrics.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';

const perService = new WeakMap<object, ConsumerMetrics>();

/** Created once for each service, however many readers it has. */
export function consumerMetricsOf(service: Service<ReaderName>): ConsumerMetrics {
  const existing = perService.get(service) ?? consumerMetrics(service.metrics, topology[service.name].reads);
  perService.set(service, existing);
  return existing;
}
