import { Kafka, logLevel } from 'kafkajs';
import { rules } from '../../infra/observability/rules.ts';
import { serviceNames } from '../../infra/system/names.ts';
import { eventually } from '../support/eventually.ts';
import { noPrometheus, type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { deleteUnread } from './expired.ts';
import { strangeMessages } from './foreign.ts';
import { behave } from './mail-server.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Divides the durations of the rules. */
const speed = 30;
/** An alert fires within this time, in milliseconds. */
const patience = 60_000;

interface Fault {
  /** As in the rules and in the runbook. */
  what: string;
  /** The alerts that it fires. */
  fires: string[];
  cause(world: World, prometheus: Prometheus): unknown;
  heal?(world: World): unknown;
}

/** The faults of each stage happen at the same time, under load. */
export const stages: Fault[][] = [
  [
    {
      what: 'messages that nobody can read are written to both topics',
      fires: ['DeadLetters'],
      cause: (world) => strangeMessages(world, 0),
    },
    {
      what: 'the mail server defers every mail',
      fires: ['LagHigh', 'MailRefused', 'PartitionStuck'],
      cause: ({ mailbox }) => {
        mailbox.refuse = () => ({ code: 451, message: 'try again later' });
      },
      heal: ({ mailbox }) => behave(mailbox),
    },
    {
      what: 'analytics is killed again and again',
      fires: ['CrashLoop', 'StatisticsBehind'],
      cause: async ({ system }, prometheus) => {
        system.choose('analytics', { CRASH_AT: 'mid-statistics:1' }); // it does not get any further between the kills either
        for (let kills = 1; kills <= 3; kills++) {
          const before = await startOf('analytics', prometheus);
          await system.children.get('analytics')?.stop('SIGKILL');
          system.run('analytics');
          await eventually(async () => {
            if ((await startOf('analytics', prometheus)) <= before)
              throw new Error('Prometheus has not seen that analytics has started again');
          }, patience);
        }
      },
      heal: async ({ system }) => {
        system.choose('analytics', {});
        await system.children.get('analytics')?.stop('SIGKILL');
        system.run('analytics');
      },
    },
  ],
  [
    {
      what: 'transaction is frozen',
      fires: ['RidesNotDecided', 'ServiceDown'],
      cause: ({ system }) => system.children.get('transaction')?.signal('SIGSTOP'),
    },
  ],
  [
    {
      what: 'messages are deleted while transaction is frozen',
      fires: ['MessagesExpired'],
      cause: async (world) => {
        const admin = new Kafka({ brokers: world.broker.brokers, logLevel: logLevel.NOTHING }).admin();
        await admin.connect();
        await deleteUnread(admin, 'transaction');
        await admin.disconnect();
        await world.restart('transaction', 'SIGKILL');
      },
    },
  ],
  [
    {
      what: 'the broker is frozen',
      fires: ['RequestsRefused'],
      cause: ({ broker }) => broker.freeze(0),
      heal: ({ broker }) => broker.thaw(0),
    },
  ],
];

export const alarms: Scenario = {
  name: 'alarms',
  what: 'each alert of infra/observability fired by its fault, seen by a real Prometheus',
  impossible: async () => noPrometheus(),
  async run(world, say) {
    const targets = Object.fromEntries(serviceNames.map((name) => [name, world.system.url(name)]));
    const prometheus = await startPrometheus(targets, rules(speed));
    const load = world.load(40);
    try {
      await eventually(async () => {
        const early = await prometheus.firing();
        if (early.length > 0) throw new Error(`without a fault, these fire: ${early.join(', ')}`);
        if (load.accepted < 200) throw new Error(`${load.accepted} rides are accepted`);
      }, patience * world.slack);
      for (const faults of stages) {
        const since = performance.now();
        for (const { cause } of faults) await cause(world, prometheus);
        const missing = new Set(faults.flatMap(({ fires }) => fires));
        await eventually(async () => {
          for (const name of await prometheus.firing())
            if (missing.delete(name))
              say(`${name} after ${Math.round((performance.now() - since) / 1000)} s`);
          if (missing.size > 0) throw new Error(`these do not fire: ${[...missing].join(', ')}`);
        }, patience * world.slack);
        for (const { heal } of faults) await heal?.(world);
      }
      await load.stop();
      const fired = stages.flat().flatMap(({ fires }) => fires).length;
      return { rounds: stages.flat().length, note: `${fired} alerts fired` };
    } finally {
      await prometheus.stop();
    }
  },
};

/** When the process of a service started, in seconds since 1970; 0 while it does not answer. */
async function startOf(service: string, prometheus: Prometheus): Promise<number> {
  const [start] = await prometheus.query(`process_start_time_seconds{service="${service}"}`);
  return start?.value ?? 0;
}
