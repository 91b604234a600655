import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { isBlocked } from '@rideflow/shared/http/blocked-ports.ts';
import { freeOffset, neededPorts, takenPorts } from '../system/ports.ts';
import { type Finding, ok, warning } from './finding.ts';

/**
 * Checks the ports that `npm start` needs, and those of --cluster.
 * @param external the broker already runs elsewhere, so its ports need not be free
 */
export async function ports(external: boolean): Promise<Finding> {
  const [one, three] = external ? [0, 0] : [1, 3];
  const taken = await takenPorts(0, three);
  if (taken.length === 0)
    return ok('Ports', `${list(neededPorts(0, three).map(({ port }) => port))} are free`);
  const needed = neededPorts(0, one).map(({ port }) => port);
  const forClusterOnly = taken.every(({ port }) => !needed.includes(port));
  return warning(
    'Ports',
    `${list(taken.map(({ port, who }) => `${port} (${who})`))} ${taken.length === 1 ? 'is' : 'are'} taken` +
      (forClusterOnly ? ', which only --cluster needs' : ''),
    'end the program that uses it (perhaps rideflow already runs), or use other ports: ' +
      `npm start -- --port-offset ${await freeOffset(0, three)}`,
  );
}

/** The host ports of docker-compose.yml that serve HTTP. */
const pages = [
  'RIDES',
  'TRANSACTION',
  'EMAIL',
  'ANALYTICS',
  'FLOW',
  'MAILBOX',
  'PROMETHEUS',
  'GRAFANA',
  'JAEGER',
];

/**
 * Checks for host ports of docker compose that every browser refuses.
 * @param folder the folder with the .env that compose reads
 */
export async function composePorts(env: NodeJS.ProcessEnv, folder: string): Promise<Finding[]> {
  const file = await readFile(join(folder, '.env'), 'utf8').catch(() => '');
  const values = { ...parseEnv(file), ...env };
  return pages.flatMap((name) => {
    const port = Number(values[`${name}_PORT`]);
    if (!isBlocked(port)) return [];
    const free = [port + 1, port + 2, port + 3, port + 4, port + 5, port + 6].find(
      (near) => !isBlocked(near),
    );
    return warning(
      'Compose ports',
      `every browser refuses ${name}_PORT=${port}`,
      `use another port, such as ${free}`,
    );
  });
}

const list = (items: (number | string)[]) => items.join(', ');

const GB = 2 ** 30;

export function memory(): Finding {
  const free = process.availableMemory();
  const found = `${(free / GB).toFixed(1)} GB free`;
  if (free > 2.5 * GB) return ok('Memory', found);
  if (free > 1.2 * GB) return warning('Memory', found, 'enough for one broker; --cluster needs 2.5 GB');
  return warning(
    'Memory',
    found,
    'rideflow needs about 1.2 GB: close other programs, or give Docker or WSL more memory',
  );
}

export async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${(free / GB).toFixed(1)} GB free in this folder`;
  return free > GB
    ? ok('Disk', found)
    : warning('Disk', found, 'Kafka stops when the disk is full: free at least 1 GB');
}
