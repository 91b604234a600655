import { rm } from 'node:fs/promises';
import { freePorts } from '../../infra/broker/ports.ts';
import { type ServiceName, serviceNames } from '../../infra/system/system.ts';
import { project } from '../support/copy.ts';
import { eventually } from '../support/eventually.ts';
import { commitBefore, servicesOf } from '../support/release.ts';
import { nextDecision } from './decisions.ts';
import type { Load } from './load.ts';
import type { Scenario } from './scenario.ts';
import { createWorld, type World } from './world.ts';

/** The number of rides that are accepted, and of mails that are sent, while both releases of a service run. */
const together = 40;
/** Services whose processes share the partitions of one consumer group. */
const groups: ServiceName[] = ['transaction', 'email'];

/** The folder of the previous release. */
let before: string;

export const upgrade: Scenario = {
  name: 'upgrade',
  what: 'our services replaced one by one under load: the release before by this one, and back',
  impossible: () =>
    commitBefore().then(
      () => null,
      (error: Error) => error.message,
    ),
  async world(settings) {
    before = await servicesOf(await commitBefore());
    const world = await createWorld(settings, undefined, { code: before });
    const { stop } = world;
    return Object.assign(world, {
      async stop() {
        await stop();
        await rm(before, { recursive: true, force: true });
      },
    });
  },
  async run(world, say) {
    const running = Object.fromEntries(serviceNames.map((name) => [name, [name]])) as Running;
    const urls = new Map<string, string>(serviceNames.map((name) => [name, world.system.url(name)]));
    const load = world.load(60, () => running.rides.map((as) => urls.get(as) as string));
    const rounds = world.share ? 1 : 3;
    for (let round = 1; round <= rounds; round++) {
      for (const [code, direction] of [
        [project, 'the release before by this one'],
        [before, 'this release by the one before'],
      ] as const) {
        for (const name of serviceNames) await replace(world, load, name, { running, urls, code });
        await nextDecision(world);
        say(`round ${round}: ${direction}, ${load.accepted} rides accepted so far`);
      }
    }
    await load.stop();
    return { rounds: 2 * rounds, note: `the release before is ${(await commitBefore()).slice(0, 12)}` };
  },
};

/** The processes of each service by name; two during a replacement. */
type Running = Record<ServiceName, string[]>;

async function replace(
  world: World,
  load: Load,
  name: ServiceName,
  { running, urls, code }: { running: Running; urls: Map<string, string>; code: string },
): Promise<void> {
  const { system } = world;
  const [old] = running[name] as [string];
  // analytics cannot have two processes, because its successor takes over the file.
  const alone = name === 'analytics';
  if (alone) await stop(world, old);
  const [free = 0] = await freePorts(1);
  const port = alone ? Number(new URL(system.url(name)).port) : free;
  const as = alone ? name : `${name}-at-${port}`;
  urls.set(as, `http://localhost:${port}`);
  system.run(name, { as, port, code });
  await system.ready(name, 60_000, urls.get(as), as);
  running[name] = alone ? [as] : [old, as];
  await eventually(async () => {
    if (groups.includes(name) && (await world.log.clientIds(name)).length !== 2)
      throw new Error(`the group ${name} does not have two processes`);
  });
  await worksOn(world, load);
  const parked = world.log.entries.find(({ topic }) => topic.endsWith('.dlq'));
  if (parked)
    throw new Error(`one release cannot read what the other writes: ${parked.headers.dead_letter_reason}`);
  if (alone) return;
  await stop(world, old);
  running[name] = [as];
  await worksOn(world, load);
}

async function stop({ system }: World, as: string): Promise<void> {
  const status = await system.children.get(as)?.stop('SIGTERM');
  if (status !== 0) throw new Error(`${as} did not stop cleanly: exit status ${status}`);
}

/** Resolves when this many more rides are accepted and mails are sent. */
async function worksOn({ mailbox: { mails } }: World, load: Load): Promise<void> {
  const goal = { accepted: load.accepted + together, mails: mails.length + together };
  await eventually(() => {
    if (load.accepted < goal.accepted || mails.length < goal.mails)
      throw new Error('booking or mailing does not continue');
  });
}
