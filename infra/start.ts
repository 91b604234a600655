/** `npm start`: runs the whole system on this machine, with any available broker, and books a sample ride to show that it works. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { given } from '@rideflow/shared/config.ts';
import { Blocked } from './broker/blocked.ts';
import { startBroker } from './broker/broker.ts';
import { canListen } from './broker/ports.ts';
import { clusterId } from './system/cluster-id.ts';
import { lock } from './system/lock.ts';
import {
  blockedPort,
  freeOffset,
  kafkaPorts,
  longestOffset,
  nearestOffset,
  processPorts,
  takenPorts,
} from './system/ports.ts';
import { createPrinter } from './system/printer.ts';
import { bookSampleRide } from './system/sample-ride.ts';
import { addressesHere, asker, chooseAddress, originOf, sayShared, studentPort } from './system/share.ts';
import { type Ports, processNames, System } from './system/system.ts';
import { sortOut } from './system/variables.ts';
import { Wishes } from './system/wishes.ts';

const help = `npm start                       runs the whole system: broker, mailbox, four services, flow page, one sample ride
npm start -- --cluster          the same with three brokers, on ports 9092 to 9094
npm start -- --share            lets a class on your network watch the flow page, read-only; --share=ADDRESS selects the network
npm start -- --once             books the sample ride and stops; exits with 0, or with 1 and the step that failed

  --no-controls     the flow page only shows the system; it cannot book or break anything
  --port-offset N   adds N to every port, to run beside another rideflow (default 0)
  --data DIR        folder for data and logs (default .rideflow)
  --help            shows this text

KAFKA_BROKERS=host:port,… uses an existing cluster. The services get LOG_LEVEL and the other variables of
infra/README.md, with or without the prefix RIDEFLOW_. A line names each variable that is not used.`;

const { values: options } = parseOrExit();
const cluster = options.cluster;
const offset = Number(options['port-offset']);
const ports = processPorts(offset);
const share = options.share === undefined ? undefined : await shareOrExit(options.share);
const data = resolve(options.data);
const print = createPrinter(join(data, 'logs'));

const stops: (() => Promise<void>)[] = [];
let stopping: Promise<never> | null = null;
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));

try {
  await run();
} catch (error) {
  if (!stopping) print.failed((error as Error).message);
  await stop(1);
}

async function run() {
  await mkdir(join(data, 'logs'), { recursive: true });
  const nodes = cluster ? 3 : 1;
  const external = given(process.env, 'KAFKA_BROKERS') !== undefined;
  const env = sortOut(
    process.env,
    { brokers: external ? undefined : nodes, controls: options.controls },
    print.note,
  );
  if (env.API_TOKEN) print.note('API_TOKEN is set: every request to /rides needs it as its bearer token.');
  if (env.SMTP_URL) print.note('The mails go to the server in RIDEFLOW_SMTP_URL instead of the mailbox.');
  const unlock = lock(join(data, 'start.pid'), url('rides'));
  stops.push(async () => unlock());
  await expectFreePorts(external ? 0 : nodes);

  const broker = await print.step('broker', async (progress) => {
    const broker = await startBroker({
      nodes,
      ports: kafkaPorts(offset, nodes),
      dataDir: join(data, 'kafka'),
      keepData: true,
      env,
      onProgress: progress,
    }).catch(async (error) => {
      const occupied = error instanceof Blocked && (await takenPorts(offset, nodes)).length > 0;
      throw occupied ? new Error(`${error.message}\n${await beside(nodes)}`) : error;
    });
    stops.push(() => broker.stop());
    return { value: broker, detail: broker.how };
  });

  // One file for each Kafka cluster, because offsets of one cluster mean nothing in another.
  const database = env.DATABASE ?? join(data, `analytics-${await clusterId(broker.brokers, env)}.sqlite`);
  const system = new System({
    brokers: broker.brokers,
    ports,
    database,
    replicationFactor: nodes,
    teaching: options.controls,
    env,
    ...(share && { extra: { flow: { SHARE: share } } }),
    onLine: print.line,
    onEvent: print.event,
    onChange: () => wishes.tellInstances(),
    onMessage: (child, message) => wishes.take(child, message),
  });
  const wishes = new Wishes({
    system,
    brokers: broker.brokers,
    broker: external ? undefined : broker,
    database,
    env,
    mayForget: !external,
    tell: print.note,
  });
  stops.push(() => system.stop());
  await print.step('services', async () => {
    await system.start(processNames);
    return { value: null, detail: 'all ready' };
  });

  print.heading('One ride, step by step');
  const addresses = {
    rides: url('rides'),
    mailbox: env.SMTP_URL ? undefined : url('mailbox'),
    analytics: url('analytics'),
    token: env.API_TOKEN,
  };
  await bookSampleRide(addresses, print.rideStep);
  if (options.once) {
    print.heading('The sample ride completed every step.');
    await stop(0);
  }
  print.addresses(broker.brokers, { ...addresses, flow: url('flow') });
  if (share) print.shared(sayShared(share, env.HOST));
  print.followLogs();
}

/** Decides about the address before anything starts. */
async function shareOrExit(wanted: string): Promise<string> {
  try {
    const address = await chooseAddress(wanted, addressesHere(), asker());
    const port = studentPort + offset;
    if (!(await canListen(port, address)))
      throw new Error(
        `--share: port ${port} of ${address} is in use. End that program, or use --port-offset.`,
      );
    return originOf(address, offset);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** Checks the ports now, before a process fails because of one. */
async function expectFreePorts(nodes: number) {
  const [taken] = await takenPorts(offset, 0); // the broker waits for its own ports
  if (!taken) return;
  const what = `port ${taken.port}, which ${taken.who} needs, is in use by another program`;
  throw new Error(`${what}. End that program.\n${await beside(nodes)}`);
}

async function beside(nodes: number) {
  return `Or use other ports: npm start -- --port-offset ${await freeOffset(offset, nodes)}`;
}

function url(name: keyof Ports) {
  return `http://localhost:${ports[name]}`;
}

/** Stops everything in reverse order of the start. A second Ctrl-C does not speed it up; every step has a time limit. */
function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    print.heading('Stopping');
    for (const stop of stops.reverse()) await stop().catch((error: Error) => print.failed(error.message));
    process.exit(code);
  })();
  return stopping;
}

function parseOrExit() {
  try {
    const parsed = parseArgs({
      args: process.argv.slice(2).map((word) => (word === '--share' ? '--share=' : word)),
      allowNegative: true,
      options: {
        cluster: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        controls: { type: 'boolean', default: true },
        'port-offset': { type: 'string', default: '0' },
        share: { type: 'string' },
        data: { type: 'string', default: join(import.meta.dirname, '../.rideflow') },
        help: { type: 'boolean', default: false },
      },
    });
    const { help: wanted, 'port-offset': text } = parsed.values;
    if (wanted) {
      console.log(help);
      process.exit(0);
    }
    const offset = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (!(offset <= longestOffset))
      throw new Error(`--port-offset ${text}: must be a whole number from 0 to ${longestOffset}`);
    const blocked = blockedPort(offset);
    if (blocked)
      throw new Error(
        `--port-offset ${text} gives ${blocked.who} port ${blocked.port}, which every browser refuses. ` +
          `The nearest offset that works: --port-offset ${nearestOffset(offset)}`,
      );
    return parsed;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
