import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import type { Settings } from '../../infra/broker/settings.ts';
import { inSync, nextDecision } from './decisions.ts';
import { frames } from './proxy.ts';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

/**
 * How long two brokers do not hear each other, in milliseconds: longer than they wait for a leader (2 s), and shorter or longer than one
 * waits for a replica (30 s) before it goes on without it. Meanwhile a ride may be refused, and not lost.
 */
const [short, long] = [15_000, 45_000];
/** After the network works again, rides must be decided within this time, in seconds. */
const backWithin = 30;

const pairs: [number, number][] = [
  [1, 2],
  [2, 3],
  [1, 3],
];

let network: Network;

export const networkSplit: Scenario = {
  name: 'split',
  what: 'the network between two of three brokers silent, while both hear the third and the clients',
  async world(settings) {
    network = await startNetwork();
    return createWorld(settings, undefined, { nodes: 3, broker: (dataDir) => startOn(network, dataDir) });
  },
  async run(world, say) {
    const load = world.load(40);
    const waits: number[] = [];
    for (const pair of world.share ? pairs.slice(0, 1) : pairs) {
      await inSync(world);
      await nextDecision(world);
      const before = load.accepted;
      network.split(...pair);
      await sleep(world.share ? short : long); // the duration of the fault, not a wait for an event
      const during = load.accepted - before;
      network.heal();
      const wait = await nextDecision(world);
      waits.push(wait);
      say(
        `brokers ${pair.join(' and ')}: ${during} rides accepted meanwhile, deciding ${wait.toFixed(1)} s after`,
      );
      if (network.held === 0) throw new Error('nothing was blocked: the brokers do not use this network');
      if (wait > backWithin * world.slack)
        throw new Error(`deciding again took ${wait.toFixed(1)} s; the limit is ${backWithin}`);
    }
    await load.stop();
    return {
      rounds: waits.length,
      note: `decisions resumed after ${Math.max(...waits).toFixed(1)} s at the latest`,
    };
  },
};

interface Network {
  /** By broker, counted from 1: the ports for clients, the ports for other brokers, and the targets of the internal ones. */
  ports: Record<'clients' | 'real' | 'internal' | 'controller', number[]>;
  targets: Map<number, number>;
  /** Blocked connections so far. */
  held: number;
  /** From now on silently blocks all traffic between two brokers, in both directions. */
  split(a: number, b: number): void;
  /** Releases the blocked traffic. */
  heal(): void;
  stop(): Promise<void>;
}

/** All traffic between brokers goes through here. The client id of the first request identifies the sender. */
async function startNetwork(): Promise<Network> {
  const free = await freePorts(12);
  const three = (from: number) => [0, ...free.slice(from, from + 3)];
  const ports = { clients: three(0), real: three(3), internal: three(6), controller: three(9) };
  const targets = new Map<number, number>();
  /** Each connection with its two ends, its two brokers, and whether it is blocked. */
  const links = new Set<{ ends: [Socket, Socket]; between: string }>();
  let cut = '';
  const name = (a: number, b: number) => [a, b].sort().join('-');
  const servers = await Promise.all(
    [ports.internal, ports.controller].flatMap((list) =>
      list.slice(1).map(async (port, index) => {
        const server = createServer((from) => {
          const to = connect(targets.get(port) as number, '127.0.0.1');
          const link = { ends: [from, to] as [Socket, Socket], between: '' };
          links.add(link);
          const end = () => {
            from.destroy();
            to.destroy();
            links.delete(link);
          };
          for (const socket of link.ends) socket.on('error', end).on('close', end);
          to.pipe(from);
          frames(from, (frame) => {
            link.between ||= name(sourceOf(frame), index + 1);
            to.write(frame);
            if (link.between === cut) hold(link);
          });
        });
        await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
        return server;
      }),
    ),
  );
  const hold = ({ ends }: { ends: [Socket, Socket] }) => {
    network.held++;
    ends[0].pause();
    ends[1].unpipe(ends[0]).pause();
  };
  const network: Network = {
    ports,
    targets,
    held: 0,
    split(a, b) {
      cut = name(a, b);
      for (const link of links) if (link.between === cut) hold(link);
    },
    heal() {
      for (const { ends, between } of links) {
        if (between !== cut) continue;
        ends[1].pipe(ends[0]);
        ends[0].resume();
      }
      cut = '';
    },
    async stop() {
      for (const { ends } of links) for (const socket of ends) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
  return network;
}

/** `broker-1-fetcher-0`, `raft-client-1`, `1`: the broker that sends a request. Its head: size, api, version, correlation id, client id. */
function sourceOf(frame: Buffer): number {
  const clientId = frame.toString('utf8', 14, 14 + Math.max(0, frame.readInt16BE(12)));
  return Number(/(?:^|-)(\d)(?:-|$)/.exec(clientId)?.[1]);
}

async function startOn(network: Network, dataDir: string): Promise<Broker> {
  const broker = await startBroker({
    way: 'local',
    ports: network.ports.clients.slice(1),
    dataDir,
    env: process.env,
    adapt(settings: Settings) {
      const id = Number(settings['node.id']);
      network.targets.set(network.ports.internal[id] as number, network.ports.real[id] as number);
      const voters = (settings['controller.quorum.voters'] as string).split(',');
      for (const voter of voters) {
        const [node, , port] = voter.split(/[@:]/).map(Number);
        network.targets.set(network.ports.controller[node as number] as number, port as number);
      }
      const controller = (of: number) => `127.0.0.1:${network.ports.controller[of]}`;
      return {
        ...settings,
        listeners: `${settings.listeners},INTERNAL://127.0.0.1:${network.ports.real[id]}`,
        'advertised.listeners': `${settings['advertised.listeners']},INTERNAL://localhost:${network.ports.internal[id]},CONTROLLER://${controller(id)}`,
        'listener.security.protocol.map': `${settings['listener.security.protocol.map']},INTERNAL:PLAINTEXT`,
        'inter.broker.listener.name': 'INTERNAL',
        'controller.quorum.voters': [1, 2, 3].map((of) => `${of}@${controller(of)}`).join(','),
      };
    },
  });
  return {
    ...broker,
    async stop() {
      network.heal();
      await broker.stop();
      await network.stop();
    },
  };
}
