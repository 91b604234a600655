/**
 * The process in which the student's code runs. It loads kafkajs and waits for its order, so that each life of the service
 * starts quickly.
 */
import { pathToFileURL } from 'node:url';
import { arm, parseTrigger } from '@rideflow/shared/crash-points.ts';
import type { Consumer } from '@rideflow/shared/kafka/client/kafkajs.ts';
import type { Desk } from '../kit.ts';
import { tell } from './journal.ts';
import { kafkaOf } from './kafka.ts';
import type { Order, Word } from './life.ts';
import { probe, reached } from './probe.ts';
import { toolsFor } from './tools.ts';

// What listens to the parent keeps this process running, as an open port keeps a service: it does not end by itself.
process.on('disconnect', () => process.exit());

const say = (word: Word) => void process.send?.(word);

process.once('message', (order: Order) => {
  live(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
say({ ready: true });

async function live({
  file,
  journal,
  crash,
  signal = 'SIGKILL',
  hold,
  brokers,
  topic,
  database,
  requests,
}: Order) {
  let held = false;
  probe({
    transactionalId(id) {
      tell(journal, { what: 'transactional id', id });
      if (!hold || held) return;
      held = true;
      tell(journal, { what: 'held' });
      process.kill(process.pid, 'SIGSTOP');
    },
    ended: (committed) => tell(journal, { what: 'ended', committed }),
    commit: (places) => tell(journal, { what: 'commit', places }),
  });
  let consumers = 0;
  const kafka = kafkaOf(brokers, (client, kind) => {
    if (kind !== 'consumer') return;
    consumers++;
    const consumer = client as Consumer;
    // kafkajs has given it up, for example after a ReferenceError: a service that only looks alive would be worse.
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) process.exit(1);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberId, memberAssignment } }) =>
      tell(journal, { what: 'joined', member: memberId, partitions: Object.values(memberAssignment).flat() }),
    );
    for (const name of ['disconnect', 'stop'] as const) {
      const leave = consumer[name];
      consumer[name] = () => {
        tell(journal, { what: 'leaving' });
        return leave();
      };
    }
  });
  const tools = toolsFor(kafka, database, {
    begun: (place) => tell(journal, { what: 'begun', place }),
    done: (place) => tell(journal, { what: 'done', place }),
  });
  const { default: start } = await import(pathToFileURL(file).href);
  if (typeof start !== 'function') throw new Error(`${file} has no default export that is a function`);
  if (crash) {
    const trigger = parseTrigger(crash);
    arm(trigger, () => {
      tell(journal, { what: 'crash', point: trigger.point, where: reached() });
      process.kill(process.pid, signal);
    });
  }
  const desk: Partial<Desk> | undefined = await start({ ...tools, topic });
  say({ consumers });
  if (!requests) return;
  if (typeof desk?.book !== 'function') throw new Error(`start() in ${file} returns no function book`);
  for (const ride of requests) await desk.book(ride);
  say({ served: true });
}
