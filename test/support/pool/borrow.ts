import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { type Broker, startBroker } from '../../../infra/broker/broker.ts';
import type { Answer, Order } from './pool.ts';

/** A broker without topics and groups: one of those that Jest's test files share, or a new one where this is no test file. */
export async function takeBroker(dataDir: string): Promise<Broker> {
  const port = Number(process.env.TEST_POOL_PORT);
  return port ? borrow(port) : startBroker({ dataDir, env: { ...process.env, KAFKA_BROKERS: undefined } });
}

/** From the pool at this port. */
export async function borrow(port: number): Promise<Broker> {
  const socket = connect(port, '127.0.0.1');
  const answers = createInterface(socket)[Symbol.asyncIterator]();
  const { brokers = [], how = '' } = await answer();
  return {
    brokers,
    how,
    async stop() {
      socket.end();
      if (!socket.closed) await once(socket, 'close'); // the next file finds it given back
    },
    kill: () => tell('kill'),
    restart: (_, { version } = {}) => tell('restart', version),
    freeze: () => tell('freeze'),
    thaw: () => tell('thaw'),
  };

  async function tell(...order: Order) {
    socket.write(`${JSON.stringify(order)}\n`);
    await answer();
  }

  async function answer(): Promise<Answer> {
    const { value } = await answers.next();
    const { problem, ...answer }: Answer = value ? JSON.parse(value) : { problem: 'the broker is gone' };
    if (problem) throw new Error(problem);
    return answer;
  }
}
