import { type Part, runFaults } from './parts.ts';

/** The loss depends on a few milliseconds: it comes about in every tenth kill or so. */
const attempts = 3;

/** A release that loses the ends of transactions when a lone broker is killed (KAFKA-20734): the fault suite must notice it. */
export const faulty: Part = {
  name: 'faulty',
  columns: ['faults'],
  async run(_version, env, say) {
    let output = '';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const ended = await runFaults(env, ['ends'], say);
      output += ended.output;
      const [, found] = /^(?:One violation|\d+ violations): (.+)$/m.exec(ended.output) ?? [];
      if (ended.status === 1 && found) {
        say(`the checker found: ${found}`);
        return { cells: [`noticed when the broker is killed while transactions end: ${found}`], output };
      }
    }
    return { cells: [], reason: `the fault suite did not notice the loss in ${attempts} runs`, output };
  },
};
