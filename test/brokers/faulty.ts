import { rm } from 'node:fs/promises';
import { brokenCopy } from '../faults/broken-copy.ts';
import { type Part, runFaults } from './parts.ts';

/** The loss depends on a few milliseconds. It happens in about every tenth kill. */
const attempts = 3;

/**
 * A release that loses transaction markers when a lone broker is killed (KAFKA-20734). transaction ends the transactions that
 * such a loss leaves open, so nothing is decided twice. Without that repair, the fault suite must detect the bug of the
 * release.
 */
export const faulty: Part = {
  name: 'faulty',
  columns: ['faults'],
  async run(_version, env, say) {
    const repaired = await runFaults(env, ['ends'], say);
    let { output } = repaired;
    if (repaired.status !== 0)
      return { cells: [], reason: 'transaction did not end the hanging transaction', output };

    const copy = await brokenCopy([
      {
        file: 'shared/src/kafka/guarantees/exactly-once-topic.ts',
        from: 'mustBeAborted(committed, await this.#open(topic, partition))',
        to: 'mustBeAborted(committed, [])',
      },
    ]);
    try {
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const broken = await runFaults(env, ['ends'], say, { folder: copy });
        output += broken.output;
        const [, found] = /violations?: (.*\bduplicate \d.*)$/m.exec(broken.output) ?? [];
        if (broken.status === 1 && found) {
          say(`without the repair the checker found: ${found}`);
          const kept = 'nothing lost or twice when the broker is killed while transactions end';
          return { cells: [`${kept}; without our repair the suite finds: ${found}`], output };
        }
      }
      return { cells: [], reason: `the fault suite did not detect the loss in ${attempts} runs`, output };
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  },
};
