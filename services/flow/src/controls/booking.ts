/** Books rides as any client does: over HTTP at rides, or, without keys, straight into Kafka as a tutorial's script does. */
import { ask } from './ask.ts';
import type { ForeignWriter } from './foreign-writer.ts';
import { type Given, keylessRide, madeUpRide, mixedRide } from './made-up.ts';
import type { ControlConfig } from './settings.ts';
import type { Book } from './stream.ts';

/** rides answers within 5 s, also while Kafka is away. */
const patience = 7000;

export function createBooking(config: ControlConfig, writer: ForeignWriter) {
  const headers = config.API_TOKEN ? { authorization: `Bearer ${config.API_TOKEN}` } : {};
  const post = (path: string, body: unknown) =>
    ask('rides', config.RIDES_URL, { method: 'POST', path, body, headers, patience });
  let keyless = 0;

  const many: Book = async (count, keys) => {
    if (!keys) {
      const values = Array.from({ length: count }, () => JSON.stringify(keylessRide(keyless++)));
      const written = await Promise.allSettled(values.map((value) => writer.write('ride_details', value)));
      const failed = written.find((result) => result.status === 'rejected');
      const taken = written.filter((result) => result.status === 'fulfilled').length;
      if (failed && taken === 0) throw failed.reason;
      return taken;
    }
    if (count === 1) {
      await post('/rides', mixedRide());
      return 1;
    }
    const answer = await post('/rides/batch', Array.from({ length: count }, mixedRide));
    const { results = [] } = (answer ?? {}) as { results?: { status: number }[] };
    return results.filter(({ status }) => status === 202).length;
  };

  return {
    /** What rides answered. @throws Problem what it refused, in its words */
    one: (given: Given) => post('/rides', madeUpRide(given)),
    many,
  };
}
