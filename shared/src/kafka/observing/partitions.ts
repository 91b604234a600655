/** Topics may get more partitions while their services run. */
import type { Service } from '../../service.ts';
import { topicsOf } from '../../topology.ts';
import { connect, metadataMaxAge } from '../client/connect.ts';
import { describeTopics } from '../ensure-topics.ts';

/** From one look to the next, in milliseconds. */
const interval = 5000;

/**
 * Follows the number of partitions that each of a service's topics has at least.
 * @param count what it is now
 * @param onChange gets another number once all clients of this process have heard of it, so that they find each of these partitions
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
      .catch((error) => log.debug({ err: error }, 'the partitions cannot be seen'))
      .finally(() => {
        looking = false;
      });
  }, interval);
  service.onStop('the look at the partitions', () => {
    clearInterval(timer);
    admin.disconnect().catch(() => {}); // nothing is written, so nothing is waited for
  });
}
