import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Broker } from '../../../infra/broker/broker.ts';

/** What a test file may ask of the broker that it has, as one line of JSON: the name, and the version for a restart. */
export type Order = ['kill' | 'restart' | 'freeze' | 'thaw', string?];
/** Its answers: first the broker, then one for each order. */
export type Answer = Partial<Pick<Broker, 'brokers' | 'how'>> & { problem?: string };

/**
 * Brokers that test files take one after the other: a start costs seconds, and there are as many brokers as files that run
 * side by side. A file has a broker for as long as its connection lives, so it is given back however the file ends.
 */
export class Pool {
  readonly #start: () => Promise<Broker>;
  readonly #clean: (broker: Broker) => Promise<void>;
  readonly #idle: Broker[] = [];
  readonly #all = new Set<Broker>();
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));

  /** @param clean rejects where a broker cannot be made as good as new */
  constructor(start: () => Promise<Broker>, clean: (broker: Broker) => Promise<void>) {
    this.#start = start;
    this.#clean = clean;
  }

  /** @returns the port, at the loopback address */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#server.unref();
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.close();
    await Promise.all([...this.#all].map((broker) => broker.stop()));
  }

  async #serve(socket: Socket) {
    socket.on('error', () => {}); // it ends then, and that is what counts
    const say = (answer: Answer) => void socket.write(`${JSON.stringify(answer)}\n`);
    let broker: Broker | undefined;
    let worn = false;
    try {
      broker = await this.#take();
      say({ brokers: broker.brokers, how: broker.how });
      for await (const line of createInterface(socket)) {
        const [what, version] = JSON.parse(line) as Order;
        worn = true;
        const done = what === 'restart' ? broker.restart(0, version ? { version } : {}) : broker[what](0);
        say(
          await done.then(
            () => ({}),
            (error: Error) => ({ problem: error.message }),
          ),
        );
      }
    } catch (error) {
      say({ problem: (error as Error).message });
    }
    // One that was killed or frozen is not lent again: the next file would meet what that left behind.
    if (broker && worn) await this.#discard(broker);
    else if (broker) this.#idle.push(broker);
    socket.end();
  }

  /** Cleaned when it is taken, not when it is given back: the last one need not be. */
  async #take(): Promise<Broker> {
    for (let broker = this.#idle.pop(); broker; broker = this.#idle.pop()) {
      try {
        await this.#clean(broker);
        return broker;
      } catch {
        await this.#discard(broker);
      }
    }
    const broker = await this.#start();
    this.#all.add(broker);
    return broker;
  }

  async #discard(broker: Broker) {
    this.#all.delete(broker);
    await broker.stop();
  }
}
