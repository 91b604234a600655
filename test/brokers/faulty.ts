import { rm } from 'node:fs/promises';
import { brokenCopy } from '../faults/broken-copy.ts';
import { type Part, runFaults } from './parts.ts';

/** The loss depends on a few milliseconds: it comes about in every tenth kill or so. */
const attempts = 3;

/**
 * A release that loses the ends of transactions when a lone broker is killed (KAFKA-20734). transaction ends what such a loss leaves
 * open, so nothing is decided twice; without that repair, the fault suite must notice the release's fault.
 */
export const faulty: Part = {
  name: 'faulty',
  columns: ['faults'],
  async run(_version, env, say) {
    const repaired = await runFaults(env, ['ends'], say);
    let { output } = repaired;
    if (repaired.status !== 0) return { cells: [], reason: 'transaction did not end what hung', output };

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
          return { cells: [`${kept}; without our repair the suite notices: ${found}`], output };
        }
      }
      return { cells: [], reason: `the fault suite did not notice the loss in ${attempts} runs`, output };
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  },
};
