/** Lab 10: rebuilds a view from offset 0 beside the live one, and switches over without a gap. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure, Lab, Random } from '../engine/lab.ts';
import { type TemporaryTopic, withTopic } from '../engine/temporary-topic.ts';
import type { Place, TimeTravel, Views } from '../kit.ts';
import { wrong } from './wrong.ts';

export const timeTravel: Lab = {
  number: 10,
  name: 'time-travel',
  title: 'Time travel',
  about: 'rebuild a wrong view from offset 0 beside the live one, and switch over',
  file: 'rebuild.ts',
  group: '',
  effects: 'decisions',
  question: {
    ask: 'You repair the bug in the counter and start it again with the same consumer group. Which numbers does the view show?',
    answers: [
      'The right ones: the counter reads everything again.',
      'The old wrong ones, and what comes from now on is right.',
      'None: a new version begins with an empty view.',
    ],
    right: 2,
    because: 'The group continues at its committed offset. What was counted wrongly before stays as it is.',
  },
  checks: [
    {
      name: 'customers switch to a view that has every ride',
      does: 'rebuilds while rides keep coming, and looks at the new view in the moment of the switch',
      run: async (exported, random, ground) =>
        withTopic((await ground()).brokers, 3, async (topic) => {
          const run = await rebuild(exported, random, topic);
          return run.gap ?? run.broken;
        }),
    },
    {
      name: 'the new view is right, and stays right',
      does: 'books more rides after the switch, and compares the view with the topic',
      run: async (exported, random, ground) =>
        withTopic((await ground()).brokers, 3, async (topic) => {
          const run = await rebuild(exported, random, topic);
          return run.gap ?? run.broken ?? compare(topic, run);
        }),
    },
  ],
  hints: {
    'not-from-start': [
      'Look at the offset of the missing ride. Where did your consumer begin?',
      'The group `counts` has committed offsets, so your consumer continues behind all old rides.',
      "Use a group of its own: `kafka.consumer({ groupId: 'rebuild' })`, with `fromBeginning: true`.",
    ],
    'too-early': [
      'At the moment of the switch, how much of the topic had your consumer read?',
      '`consumer.run` resolves at once. Reading takes longer, and until then the new view is almost empty.',
      'Ask `admin.fetchTopicOffsets(topic)` first, and call `views.serve` when each partition has reached its `high`.',
    ],
    'in-place': [
      'What do customers see while your consumer reads the topic again?',
      'They look at the view that you have just emptied.',
      'Build a view with another name beside it, and switch with `views.serve` when it is complete.',
    ],
    bug: [
      'Look at the ride that is counted. Did it take place?',
      'The new view has the bug of the old one: cancelled rides do not count.',
      'Leave out rides with `cancelled`.',
    ],
    'stands-still': [
      'The ride came after the switch. Who counts it?',
      'The live counter writes to the old view, and your consumer has stopped.',
      'Let your consumer run on after the switch.',
    ],
    twice: [
      'A ride is counted twice in the new view.',
      'Two counters write to the same view, or one of them has read a part of the topic twice.',
      'Count into a view of its own, from one consumer.',
    ],
    never: [
      '`rebuild` did not come to an end. Which partition is it waiting for?',
      'A partition can be empty: its `high` is 0, and no message will come that reaches it.',
      'Wait only for partitions whose `high` is larger than 0, and resolve after `views.serve`.',
    ],
  },
  holds:
    'The new view begins at offset 0 with a group of its own, so it sees each ride once, with the right code. Customers switch only when it contains everything that was on the topic when the rebuild began. The live view serves them until then, and the new one goes on counting afterwards.',
  open: 'The topic must still have the rides: retention deletes them, and a rebuild cannot invent them. The two views need twice the space for a while. Effects that leave the system must not be rebuilt: nobody wants the mails of a week again.',
  starter: 'not-from-start',
  wrong,
};

interface Booked {
  place: Place;
  cancelled: boolean;
}
interface Run {
  gap: Failure | null;
  /** `rebuild` failed or never ended. */
  broken: Failure | null;
  rides: Booked[];
  served: () => Map<string, number>;
}

const history = 30;
/** In milliseconds: between two rides, for the rebuild, and for the last rides to be counted. */
const [pause, longest, rest] = [15, 8000, 1500];
const key = ({ partition, offset }: Place) => `${partition}/${offset}`;

/** Runs the student's rebuild while rides keep coming, and some more afterwards. */
async function rebuild(
  exported: Record<string, unknown>,
  random: Random,
  { topic, kafka, producer, commitEnd }: TemporaryTopic,
): Promise<Run> {
  const start = exported.default as (tools: TimeTravel) => Promise<void>;
  const contents = new Map<string, Map<string, number>>([['live', new Map()]]);
  const contentOf = (view: string) =>
    contents.get(view) ?? contents.set(view, new Map()).get(view) ?? new Map();
  const rides: Booked[] = [];
  const run: Run = { gap: null, broken: null, rides, served: () => contentOf(shown) };
  let shown = 'live';
  let before: Booked[] = [];

  const count = (view: string, place: Place) =>
    contentOf(view).set(key(place), (contentOf(view).get(key(place)) ?? 0) + 1);
  const lookForGap = (hint: string) => {
    const lacking = before.filter(({ place, cancelled }) => !cancelled && !contentOf(shown).has(key(place)));
    const [first] = lacking;
    if (!first || run.gap) return;
    run.gap = {
      hint,
      saw: `Customers saw the view "${shown}" without ${lacking.length} of ${before.length} rides.`,
      evidence: [['missing', `${topic}/${key(first.place)}, and ${lacking.length - 1} more`]],
    };
  };
  const views: Views = {
    async count(view, _customer, place) {
      await sleep(1);
      count(view, place);
    },
    async clear(view) {
      contentOf(view).clear();
      if (view === shown) lookForGap('in-place');
    },
    async serve(view) {
      shown = view;
      const old = [...contentOf(view).keys()].some((place) =>
        before.some((ride) => key(ride.place) === place),
      );
      lookForGap(old || usedOwnGroup() ? 'too-early' : 'not-from-start');
    },
  };
  const groups: string[] = [];
  const usedOwnGroup = () => !groups.includes('counts');
  const { consumer } = kafka;
  kafka.consumer = (config) => {
    groups.push(config?.groupId ?? '');
    return consumer(config);
  };

  /** Books a ride. The live counter counts it at once, with its bug. */
  const book = async () => {
    const [partition, cancelled] = [random.whole(0, 1), random.whole(1, 4) === 1]; // partition 2 stays empty
    const value = JSON.stringify({
      id: `ride-${rides.length + 1}`,
      customer_id: `user_${random.whole(1, 9)}`,
      ...(cancelled && { cancelled }),
    });
    const [stored] = await producer.send({ topic, messages: [{ partition, value }] });
    const place = { topic, partition, offset: stored?.baseOffset ?? '' };
    rides.push({ place, cancelled });
    count('live', place);
  };
  for (let i = 0; i < history; i++) await book();
  await commitEnd('counts');
  before = [...rides];

  let ended = false;
  const running = Promise.resolve()
    .then(() => start({ kafka, topic, views }))
    .catch((error: Error) => {
      run.broken = { hint: 'threw', saw: `Your code threw an error: ${error.message}` };
    })
    .finally(() => {
      ended = true;
    });
  for (const end = Date.now() + longest; !ended && !run.gap && Date.now() < end; await sleep(pause))
    await book();
  if (run.gap) return run;
  if (!ended) run.broken = { hint: 'never', saw: `rebuild did not resolve within ${longest / 1000} s.` };
  else if (shown === 'live')
    run.broken ??= { hint: 'never', saw: 'rebuild resolved, but customers still see the view "live".' };
  if (run.broken) return run;
  await running;
  for (let i = 0; i < 5; i++) await book();
  for (const end = Date.now() + rest; Date.now() < end && compare({ topic }, run); ) await sleep(20);
  return run;
}

/** The served view against what was booked. */
function compare({ topic }: Pick<TemporaryTopic, 'topic'>, { rides, served }: Run): Failure | null {
  for (const { place, cancelled } of rides) {
    const times = served().get(key(place)) ?? 0;
    const where = `${topic}/${key(place)}`;
    if (cancelled && times > 0)
      return { hint: 'bug', saw: `The ride at ${where} was cancelled, but is counted.` };
    if (!cancelled && times === 0)
      return {
        hint: 'stands-still',
        saw: `The ride at ${where}, which came after the switch, is not counted.`,
      };
    if (times > 1) return { hint: 'twice', saw: `The ride at ${where} is counted ${times} times.` };
  }
  return null;
}
