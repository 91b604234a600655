/** The tutorials' Python clients take part, where Python and kafka-python 2.1 or newer are there. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

const script = join(import.meta.dirname, 'support/tutorial.py');
const partitions = join(import.meta.dirname, 'support/partitions.py');
const { python, why } = findPython();
if (!python) console.log(`Skipped: the tutorials' Python clients. ${why}`);
const confluent = python !== null && can(python, 'import confluent_kafka');
if (python && !confluent)
  console.log(`Skipped: librdkafka. To have it: ${python} -m pip install confluent-kafka`);

(python ? describe : describe.skip)('a script of the tutorials', () => {
  let it: TestSystem;
  beforeAll(async () => {
    it = await startTestSystem();
  });
  afterAll(() => it?.stop());

  const run = async (mode: string, customer: string) => {
    const { stdout } = await promisify(execFile)(python as string, [
      script,
      it.broker.brokers[0] as string,
      mode,
      customer,
    ]);
    return stdout.trim();
  };

  test('in place of rides books a ride that is decided, mailed and counted', async () => {
    const before = (await it.stats()).overall.rides;
    const stored = await run('book', 'python_1');
    await eventually(() => {
      const decided = it.log.on('ride_confirmed').find(({ headers }) => headers.ce_cause === stored);
      expect(decided?.value).toMatchObject({
        id: '0',
        customer_id: 'python_1',
        location: { lat: 12.97, long: 77.59 },
      });
      expect(it.mailbox.mails.filter(({ to }) => to === 'python_1@example.com')).toHaveLength(1);
    });
    await eventually(async () => expect((await it.stats()).overall.rides).toBe(before + 1));
  });

  /** The partitions that a Python client chooses for customers, and those where rides puts the same customers. */
  async function partitionsOf(...args: string[]) {
    const [broker = ''] = it.broker.brokers;
    const { stdout } = await promisify(execFile)(python as string, [partitions, broker, ...args]);
    const chosen = JSON.parse(stdout) as Record<string, number>;
    const here: Record<string, number> = {};
    for (const customer_id of Object.keys(chosen))
      here[customer_id] = (await it.book({ customer_id, location: { lat: 1, long: 2 } })).stored.partition;
    return { chosen, here };
  }

  test('that gives the customer as the key writes to the partition where rides puts that customer', async () => {
    const { chosen, here } = await partitionsOf('kafka-python', '30');
    expect(chosen).toEqual(here);
    expect(new Set(Object.values(here)).size).toBe(3);
    await eventually(() => {
      const places = it.log
        .on('ride_confirmed')
        .filter(({ key, value }) => key === 'key_7' && value?.location);
      expect(places.map(({ value }) => value?.location)).toContainEqual({ lat: 51.5, long: -0.00005 });
    });
  });

  (confluent ? test : test.skip)(
    'over librdkafka needs partitioner=murmur2_random for that, since its own choice is another',
    async () => {
      const { chosen, here } = await partitionsOf('confluent-kafka', '30', 'partitioner=murmur2_random');
      expect(chosen).toEqual(here);
      const { chosen: byDefault } = await partitionsOf('confluent-kafka', '30');
      expect(byDefault).not.toEqual(here);
    },
  );

  test('in place of email reads what transaction wrote, in the field names that it knows', async () => {
    const { id } = await it.book({ customer_id: 'python_2', location: { lat: 48.1, long: 11.6 } });
    const decision = JSON.parse(await run('listen', 'python_2'));
    expect(decision).toMatchObject({ id, customer_id: 'python_2', customer_email: 'python_2@example.com' });
    expect(decision.alloted_driver).toMatch(/^driver_\d+$/);
    expect(decision.pickup_time).toMatch(/^\d+mins$/);
  });
});

/** PYTHON, the project's own virtual environment, or the machine's python3, whichever has the library. */
function findPython(): { python: string | null; why: string } {
  const own = join(import.meta.dirname, '../.rideflow/python/bin/python');
  const candidates = [process.env.PYTHON, existsSync(own) ? own : undefined, 'python3'].filter(
    (path) => path !== undefined,
  );
  let why = '';
  for (const python of candidates) {
    try {
      const version = execFileSync(python, ['-c', 'import kafka; print(kafka.__version__)'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [major = 0, minor = 0] = version.toString().split('.').map(Number);
      if (major > 2 || (major === 2 && minor >= 1)) return { python, why };
      why = `${python} has kafka-python ${version.toString().trim()}, 2.1 or newer is needed.`;
    } catch {
      why = `${python} cannot import kafka; to have it: python3 -m venv .rideflow/python && .rideflow/python/bin/pip install "kafka-python>=2.1"`;
    }
  }
  return { python: null, why };
}

function can(python: string, code: string): boolean {
  try {
    execFileSync(python, ['-c', code], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
