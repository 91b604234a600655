import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Broker } from '../../../infra/broker/broker.ts';

/** An order of a test file for its broker, as one line of JSON: the name, and the version for a restart. */
export type Order = ['kill' | 'restart' | 'freeze' | 'thaw', string?];
/** The answers: first the broker, then one for each order. */
export type Answer = Partial<Pick<Broker, 'brokers' | 'how'>> & { problem?: string };

/**
 * Brokers that test files borrow one after the other, because a start costs seconds. There are as many brokers as parallel
 * files. A file has its broker as long as its connection lives, so it is returned however the file ends.
 */
export class Pool {
  readonly #start: () => Promise<Broker>;
  readonly #clean: (broker: Broker) => Promise<void>;
  readonly #idle: Broker[] = [];
  readonly #all = new Set<Broker>();
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));

  /** @param clean rejects if a broker cannot be cleaned */
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
    socket.on('error', () => {}); // it then ends anyway
    const say = (answer: Answer) => void socket.write(`${JSON.stringify(answer)}\n`);
    let broker: Broker | undefined;
    let runs = true;
    let pinned = true;
    try {
      broker = await this.#take();
      say({ brokers: broker.brokers, how: broker.how });
      for await (const line of createInterface(socket)) {
        const [what, version] = JSON.parse(line) as Order;
        runs = what === 'thaw' || what === 'restart';
        pinned &&= !version;
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
    if (broker && runs && pinned) this.#idle.push(broker);
    else if (broker) await this.#discard(broker); // dead, frozen, or of another version
    socket.end();
  }

  /** Cleaned when it is taken and not when it is returned, because the last one needs no cleaning. */
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
