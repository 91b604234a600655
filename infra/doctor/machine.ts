import { statfs } from 'node:fs/promises';
import { portIsTaken } from '../broker/ports.ts';
import { type Finding, ok, warning } from './finding.ts';

const services = [4000, 4001, 4002, 4003];
const mailbox = [1025, 1080];
const cluster = [9092, 9093, 9094];

/** @param external the broker is not started here, so its ports need not be free */
export async function ports(external: boolean): Promise<Finding> {
  const wanted = [...services, ...mailbox, ...(external ? [] : cluster)];
  const taken: number[] = [];
  for (const port of wanted) if (await portIsTaken(port)) taken.push(port);
  if (taken.length === 0) return ok('Ports', `${wanted.join(', ')} are free`);
  const onlyCluster = taken.every((port) => port === 9093 || port === 9094);
  return warning(
    'Ports',
    `${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} taken${onlyCluster ? ', which matters to --cluster only' : ''}`,
    'end what listens there (perhaps rideflow itself runs), or move aside: npm start -- --port-offset 1000',
  );
}

const GB = 2 ** 30;

export function memory(): Finding {
  const free = process.availableMemory();
  const found = `${(free / GB).toFixed(1)} GB are free`;
  if (free > 2.5 * GB) return ok('Memory', found);
  if (free > 1.2 * GB) return warning('Memory', found, 'enough for one broker; --cluster wants 2.5 GB');
  return warning(
    'Memory',
    found,
    'the system wants about 1.2 GB: close something, or give Docker or the WSL more',
  );
}

export async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${(free / GB).toFixed(1)} GB are free here`;
  return free > GB
    ? ok('Disk', found)
    : warning('Disk', found, 'Kafka stops when the disk is full: free 1 GB or more');
}
