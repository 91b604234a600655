/** How the processes of a service share its partitions, as Kafka describes their group. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';
import { type Admin, AssignerProtocol, Kafka, logLevel } from 'kafkajs';
import { useBroker } from './support/broker.ts';
import { type Child, startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';

const partitions = 7;
const it = useBroker({ bare: true });
let admin: Admin;
let folder: string;
beforeAll(async () => {
  admin = plainClient().admin();
  await admin.connect();
  folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
});
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});
afterAll(async () => {
  await admin.disconnect();
  await rm(folder, { recursive: true, force: true });
});

const plainClient = () => new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });

/** Joins a group as a plain client, which knows the round robin of kafkajs alone. */
async function plainMember(groupId: ReaderName) {
  const consumer = plainClient().consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: [topology[groupId].reads] });
  await consumer.run({ autoCommit: false, eachMessage: async () => {} });
  return consumer;
}

/** Starts a process of a service, with all of its own wiring. */
async function start(name: ReaderName, connections = 10) {
  const child = startChild(join(import.meta.dirname, `../services/${name}/src/main.ts`), {
    KAFKA_BROKERS: it.brokers.join(),
    PARTITIONS: String(partitions),
    SMTP_CONNECTIONS: String(connections),
    DATABASE: join(folder, `${children.length}.sqlite`),
  });
  children.push(child);
  await child.sent({ ready: name });
}

/** By process, sorted: the partitions of each of its consumers. */
async function described(groupId: string) {
  const [group] = (await admin.describeGroups([groupId])).groups;
  expect(group?.state).toBe('Stable');
  const members = (group?.members ?? []).map(({ clientId, memberAssignment }) => ({
    clientId,
    partitions: Object.values(
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {},
    ).flat(),
  }));
  const processes = Map.groupBy(members, ({ clientId }) => clientId);
  return {
    protocol: group?.protocol,
    shares: [...processes.values()].map((members) => members.map(({ partitions }) => partitions)),
  };
}
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const sizes = (shares: number[][][]) => shares.map((ofOne) => ofOne.map(({ length }) => length).sort());

test.each(['transaction', 'analytics'] as const)(
  'two processes of %s share the partitions evenly',
  async (name) => {
    await start(name);
    await eventually(async () => expect(sizes((await described(name)).shares)).toEqual([[7]]));
    await start(name);
    await expectShared(name, [[3], [4]]);
  },
);

const expectShared = (groupId: string, expected: number[][]) =>
  eventually(async () => {
    const { shares } = await described(groupId);
    expect(sizes(shares).sort((a, b) => sum(a) - sum(b))).toEqual(expected);
    expect(shares.flat(2).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

// It has a consumer for each partition, but no more than connections to its mail server.
test.each([
  {
    connections: 10,
    alone: [1, 1, 1, 1, 1, 1, 1],
    shares: [
      [0, 0, 0, 0, 1, 1, 1],
      [0, 0, 0, 1, 1, 1, 1],
    ],
  },
  {
    connections: 3,
    alone: [2, 2, 3],
    shares: [
      [1, 1, 1],
      [1, 1, 2],
    ],
  },
])(
  'two processes of email with $connections connections share the partitions evenly, and so do the consumers of each',
  async ({ connections, alone, shares }) => {
    await start('email', connections);
    await eventually(async () => expect(sizes((await described('email')).shares)).toEqual([alone]));
    await start('email', connections);
    await expectShared('email', shares);
  },
);

test.each(['transaction', 'email'] as const)(
  'a process of %s that gets no partition, since there are more members than partitions, is ready all the same',
  async (name) => {
    await start(name, 1);
    const members = await Promise.all(Array.from({ length: partitions }, () => plainMember(name)));
    try {
      await start(name, 1); // as in a rolling update, where a new process comes before an old one goes
      await eventually(async () => {
        const { shares } = await described(name);
        expect(shares.flat(2)).toHaveLength(partitions);
        const added = children.at(-1)?.lines.findLast(({ msg }) => msg === 'joined the group');
        expect(added?.partitions).toEqual([]);
      });
      const port = (await children.at(-1)?.logged('listening'))?.port;
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    } finally {
      await Promise.all(members.map((member) => member.disconnect()));
    }
  },
);

test('a member that only has the round-robin assigner of kafkajs, as in the previous release, works too', async () => {
  await start('transaction');
  const before = await plainMember('transaction');
  try {
    await eventually(async () => {
      const { protocol, shares } = await described('transaction');
      expect([protocol, sizes(shares).sort()]).toEqual(['RoundRobinAssigner', [[3], [4]]]);
    });
  } finally {
    await before.disconnect();
  }
  await eventually(async () => {
    const { protocol, shares } = await described('transaction');
    expect([protocol, sizes(shares)]).toEqual(['EvenOverProcesses', [[7]]]);
  });
});
