/**
 * `npm run test:mutations`: breaks one guarantee at a time in a copy of the code, and expects the fault suite to detect it. A
 * suite that passes with broken code would prove nothing about correct code.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { ViolationKind } from '../../infra/check/check.ts';
import { brokenCopy, type Edit } from './broken-copy.ts';

interface Mutation {
  /** What is broken, as one sentence. */
  breaks: string;
  edits: Edit[];
  /** The scenario that must detect it, and the expected output; null: it must still pass. */
  scenario: string;
  notices: RegExp | null;
}

const partitionWriter = 'shared/src/kafka/guarantees/partition-writer.ts';
const missingOffset = 'shared/src/kafka/consuming/missing-offset.ts';

/**
 * An existing decision is recognised by its `ce_id` and not repeated, whatever the offsets are. This second line of defence
 * hides errors in the first one, so it is removed to test the first one. Removing only the second one must go unnoticed.
 */
const noMemory: Edit = {
  file: 'shared/src/kafka/consume.ts',
  from: 'if (decided?.has(received.identity))',
  to: 'if (partition < 0)',
};

/** With transaction version 2, the broker refuses the commit of a process that is no longer in the group: another second line. */
const noVersion2: Edit = {
  file: 'shared/src/config.ts',
  from: ".default('newest')",
  to: ".default('1')",
};

/** A new writer waits until earlier transactions with the same messages have ended, whoever began them: a third line. */
const noWaitForOthers: Edit = {
  file: partitionWriter,
  from: 'if (truth.hanging.length === 0) return truth;',
  to: 'if (truth.hanging.length >= 0) return truth;',
};

const producerIsKept: Edit = {
  file: partitionWriter,
  from: 'if (this.#opened === opened) this.#dispose();',
  to: '',
};

/** The output of the checker for a violation of this kind. */
const violation = (kind: ViolationKind) => new RegExp(`violations?: .*\\b${kind} \\d`);

const mutations: Mutation[] = [
  {
    breaks: 'transaction commits its offsets before it produces',
    edits: [
      {
        file: 'shared/src/kafka/consuming/partition-loop.ts',
        from: '    await partition.apply(handled, nextOffset);',
        to: '    await hand.commitOffset(nextOffset);\n    await partition.apply(handled, nextOffset);',
      },
    ],
    scenario: 'crashes',
    notices: violation('lost'),
  },
  ...Object.entries({
    answers: violation('in flight'),
    frozen: violation('in flight'),
    'broker-upgrade': /rides are not decided/,
  }).map(([scenario, notices]) => ({
    breaks: 'a producer is reused after an error',
    edits: [producerIsKept],
    scenario,
    notices,
  })),
  {
    breaks: 'only the memory of decided rides is removed',
    edits: [noMemory],
    scenario: 'zombie,answers',
    notices: null,
  },
  {
    breaks: 'one transactional id per process instead of per partition',
    edits: [
      noMemory,
      noVersion2,
      noWaitForOthers,
      {
        file: partitionWriter,
        from: '`${group}/${topic}/${partition}`',
        to: '`${group}/${process.pid}/${partition}`',
      },
    ],
    scenario: 'zombie',
    // The frozen process commits what the new owner decided too, or leaves a transaction that nobody else can end.
    notices: new RegExp(`${violation('duplicate').source}|a transaction has been open there for`),
  },
  {
    breaks: 'committed offsets are not read again by a new writer',
    edits: [
      noMemory,
      {
        file: partitionWriter,
        from: '    return start;',
        to: '    return start && null;',
      },
    ],
    scenario: 'answers',
    notices: violation('duplicate'),
  },
  {
    breaks: 'a producer reuses the epoch before its own',
    edits: [
      {
        file: 'shared/src/kafka/client/transactions-v2/producer.ts',
        from: 'this.producerEpoch = producerEpoch;',
        to: 'this.producerEpoch = producerEpoch - 1;',
      },
    ],
    scenario: 'answers',
    notices: violation('in flight'),
  },
  {
    breaks: 'statistics and offset in two transactions',
    edits: [
      {
        file: 'services/analytics/src/store.ts',
        from: '      this.#write();\n',
        to: "      this.#write();\n      this.#database.exec('COMMIT; BEGIN IMMEDIATE');\n",
      },
    ],
    scenario: 'statistics',
    notices: violation('statistics'),
  },
  {
    breaks: 'no stable Message-ID',
    edits: [
      {
        file: 'services/email/src/mail.ts',
        from: 'messageId: messageId(identity, from)',
        to: 'messageId: messageId(identity + Math.random(), from)',
      },
    ],
    scenario: 'smtp',
    notices: violation('mail changed id'),
  },
  {
    breaks: 'rides answers with 202 before Kafka has the ride',
    edits: [
      {
        file: 'shared/src/kafka/publish.ts',
        from: 'const offset = await written;',
        to: "written.catch(() => {});\n      const offset = '0';",
      },
    ],
    scenario: 'overload',
    notices: /a 202 after \d+ ms, from a Kafka that takes \d+ ms for a write/,
  },
  {
    breaks: 'rides queues what Kafka cannot accept in time instead of rejecting it',
    edits: [
      {
        file: 'shared/src/kafka/publish.ts',
        from: 'if (writer.delay > limits.delay)',
        to: 'if (writer.delay < 0)',
      },
    ],
    scenario: 'overload',
    notices: /too many requests leave \d+ rides a second/,
  },
  {
    breaks: 'a silent broker is asked again and again',
    edits: [
      {
        file: 'shared/src/kafka/client/kafkajs.ts',
        from: "import './repairs/silent-broker.ts';\n",
        to: '',
      },
    ],
    scenario: 'frozen-of-three',
    notices: /a ride waited \d+\.\d s/,
  },
  {
    breaks: 'messages have a shape that the previous release cannot read',
    edits: [
      {
        file: 'shared/src/kafka/writing/records.ts',
        from: 'value: JSON.stringify(message),',
        to: 'value: JSON.stringify({ ride: message }),',
      },
      {
        file: 'shared/src/reading.ts',
        from: 'parsed = parseMessage(utf8.decode(value));',
        to: 'parsed = parseMessage(utf8.decode(value));\n    parsed = (parsed as Fields).ride ?? parsed;',
      },
    ],
    scenario: 'upgrade',
    notices: /one release cannot read what the other writes/,
  },
  {
    breaks: 'decisions stay on the old partitions after partitions are added',
    edits: [
      {
        file: 'shared/src/kafka/consume.ts',
        from: 'row.toRecords(partition, output',
        to: 'row.toRecords(partition % 3, output',
      },
    ],
    scenario: 'grown',
    notices: /not each partition has decisions/,
  },
  {
    breaks: 'a group without committed offsets starts at the start of the log',
    edits: [
      noMemory,
      {
        file: 'shared/src/kafka/guarantees/exactly-once-topic.ts',
        from: 'if (!newest) return low;',
        to: 'return low;',
      },
    ],
    scenario: 'expired',
    notices: /the ride \S+ is decided \d+ times/,
  },
  {
    breaks: 'a committed offset beyond the end of the log is reset to its start',
    edits: [
      noMemory,
      { file: missingOffset, from: '? place.start : place.end', to: '? place.start : place.start' },
    ],
    scenario: 'expired',
    notices: /the ride \S+ is decided \d+ times/,
  },
  {
    breaks: 'expired messages are skipped silently',
    edits: [
      { file: missingOffset, from: 'consumerMetricsOf(service).expired.inc({ topic }, gone);', to: '' },
    ],
    scenario: 'expired',
    notices: /rideflow_messages_expired_total of transaction: 0 instead of \d+/,
  },
];

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
});
if (options.help) {
  console.log(
    'npm run test:mutations [-- --only N,N]   breaks one guarantee at a time and expects the fault suite to detect it',
  );
  process.exit(0);
}
const only = options.only?.split(',').map(Number);

let failed = 0;
let run = 0;
for (const [index, mutation] of mutations.entries()) {
  if (only && !only.includes(index + 1)) continue;
  run++;
  console.log(
    `${index + 1}. ${mutation.breaks}: the scenario ${mutation.scenario} must ${mutation.notices ? `notice: ${mutation.notices.source}` : 'pass'}`,
  );
  const { status, output } = await tryOut(mutation);
  const found = mutation.notices === null ? status === 0 : status === 1 && mutation.notices.test(output);
  if (!found) failed++;
  console.log(
    found
      ? `   as expected: ${mutation.notices?.exec(output)?.[0] ?? 'it passes'}`
      : `   NOT as expected, exit status ${status}:\n${output.slice(-3000)}`,
  );
}
console.log(`${run - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function tryOut({ edits, scenario }: Mutation): Promise<{ status: number; output: string }> {
  const copy = await brokenCopy(edits);
  try {
    const args = [join(copy, 'test/faults/run.ts'), '--share', '--only', scenario, '--patience', '25'];
    return await promisify(execFile)(process.execPath, args, { cwd: copy, maxBuffer: 64 * 1024 * 1024 }).then(
      ({ stdout }) => ({ status: 0, output: stdout }),
      (error: { code: number; stdout: string }) => ({ status: error.code, output: error.stdout }),
    );
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
