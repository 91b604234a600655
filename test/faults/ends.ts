import { nextDecision } from './decisions.ts';
import { startBehindProxy, writeMarkers } from './proxy.ts';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

/**
 * Kills the broker after it has promised the end of a transaction and before it writes the markers; null while it may write
 * them.
 */
let kill: (() => void) | null;

export const killedAtEnds: Scenario = {
  name: 'ends',
  what: 'the one broker killed when it has acknowledged the commit or abort of a transaction and has not written the markers, under load',
  async world(settings) {
    kill = null;
    return createWorld(settings, undefined, {
      broker: (dataDir) =>
        startBehindProxy(dataDir, () => 0, {
          inner: {
            // The broker also sends markers to itself.
            'inter.broker.listener.name': 'PROXIED',
            // Markers can get lost during the start of a broker, which takes longer with more partitions.
            'transaction.state.log.num.partitions': '200',
            'offsets.topic.num.partitions': '200',
          },
          loses(api) {
            if (api !== writeMarkers || !kill) return false;
            kill();
            return true;
          },
        }),
    });
  },
  async run(world, say) {
    const load = world.load(60);
    const rounds = world.share ? 3 : 15;
    for (let round = 1; round <= rounds; round++) {
      await nextDecision(world);
      await new Promise<void>((resolve) => {
        kill = () => {
          kill = null;
          resolve(world.broker.kill(0));
        };
      });
      await world.broker.restart(0);
      const wait = await nextDecision(world);
      say(`round ${round}: deciding again ${wait.toFixed(1)} s after the broker was back`);
    }
    await load.stop();
    const mended = world.lines.filter((line) =>
      line.includes('lost the end of an earlier transaction'),
    ).length;
    return {
      rounds,
      note: `Kafka lost markers ${mended} times, and transaction ended the hanging transactions`,
    };
  },
};
