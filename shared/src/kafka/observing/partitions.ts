/** Topics may get more partitions while their services run. */
import type { Service } from '../../service.ts';
import { topicsOf } from '../../topology.ts';
import { connect, metadataMaxAge } from '../client/connect.ts';
import { describeTopics } from '../ensure-topics.ts';

/** Interval between checks, in milliseconds. */
const interval = 5000;

/**
 * Follows the smallest number of partitions among a service's topics.
 * @param count the current number
 * @param onChange gets a new number once all clients of this process have refreshed their metadata, so they know every
 * partition
 */
export function followPartitions(service: Service, count: number, onChange: (count: number) => void): void {
  const { name, log } = service;
  const admin = connect(service, 'admin').admin({ retry: { retries: 0 } });
  let current = count;
  let seen: { count: number; since: number } | null = null;
  let looking = false;

  async function look() {
    await admin.connect();
    const described = await describeTopics(admin, topicsOf(name));
    const count = Math.min(...[...described.values()].map(({ partitions }) => partitions));
    if (count === current) seen = null;
    else if (seen?.count !== count) seen = { count, since: performance.now() };
    else if (performance.now() - seen.since > metadataMaxAge) {
      current = count;
      onChange(count);
    }
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error) => log.debug({ err: error }, 'cannot read the number of partitions'))
      .finally(() => {
        looking = false;
      });
  }, interval);
  service.onStop('the partition check', () => {
    clearInterval(timer);
    admin.disconnect().catch(() => {}); // nothing is written, so there is nothing to wait for
  });
}
