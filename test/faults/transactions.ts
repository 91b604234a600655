import { freePorts } from '../../infra/broker/ports.ts';
import { eventually } from '../support/eventually.ts';
import { isStopped } from './memory.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

async function another(world: World, as: string) {
  const [port = 0] = await freePorts(1);
  const child = world.system.run('transaction', { as, port });
  await world.system.ready('transaction', 60_000, `http://localhost:${port}`);
  return { child };
}

export const threeTransactions: Scenario = {
  name: 'three',
  what: 'three transaction processes: each replaced in turn, then one killed',
  async run(world, say) {
    const load = world.load(60);
    const second = await another(world, 'transaction-2');
    const third = await another(world, 'transaction-3');
    await eventually(async () => {
      if ((await world.log.members('transaction')) !== 3)
        throw new Error('the group never had three members');
    });
    say('three of them share the partitions');
    const rolls = world.share ? 1 : 4;
    let rounds = 0;
    for (let i = 0; i < rolls; i++) {
      await world.restart('transaction', 'SIGTERM');
      for (const { as, process } of [
        { as: 'transaction-2', process: second },
        { as: 'transaction-3', process: third },
      ]) {
        await process.child.stop();
        Object.assign(process, await another(world, as));
      }
      rounds += 3;
    }
    say(`${rolls} rolling restarts`);
    await third.child.stop('SIGKILL');
    const before = load.accepted;
    await eventually(() => {
      if (load.accepted < before + 300) throw new Error('booking does not continue');
    });
    await load.stop();
    return { rounds: rounds + 1 };
  },
};

export const zombie: Scenario = {
  name: 'zombie',
  what: 'transaction frozen inside an open transaction until another took over, then woken',
  async run(world, say) {
    const load = world.load(40);
    const rounds = world.share ? 1 : 4;
    for (let round = 1; round <= rounds; round++) {
      await world.system.children.get('transaction')?.stop();
      // Freezes in its fifth transaction, with records written and nothing committed. The next owner of the partitions is
      // already running.
      // In every other round its transaction has minutes, so it is surely open when the process wakes; else Kafka may have
      // aborted it.
      const [port = 0] = await freePorts(1);
      const frozen = world.system.run(
        'transaction',
        { as: 'frozen', port },
        {
          CRASH_AT: 'after-produce:5',
          CRASH_SIGNAL: 'SIGSTOP',
          ADMIN: round % 2 === 1 ? 'on' : 'off',
        },
      );
      await eventually(async () => {
        if (!(await isStopped(frozen.pid))) throw new Error('it did not freeze');
      });
      world.system.run('transaction');
      await world.system.ready('transaction');
      const decided = () => world.log.on('ride_confirmed').length;
      // Resumed as soon as the other one works, while its own transaction may still be open.
      await eventually(async () => {
        if ((await world.metric('transaction', /^rideflow_messages_processed_total/)) < 100)
          throw new Error('nobody took over');
      });
      frozen.signal('SIGCONT');
      await eventually(async () => {
        if (!(await answers(port))) throw new Error('it did not wake');
      });
      const after = decided();
      await eventually(() => {
        if (decided() < after + 100) throw new Error('no ride is decided any more');
      });
      await frozen.stop('SIGKILL');
      say(`round ${round}: frozen, taken over, woken`);
    }
    await load.stop();
    return { rounds };
  },
};

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://localhost:${port}/healthz`, {
    signal: AbortSignal.timeout(1000),
  }).catch(() => null);
  return response?.ok ?? false;
}
