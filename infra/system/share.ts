/** `npm start -- --share`: which address of this machine the page for students gets, and what the terminal says about it. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { qrLines } from '../../services/flow/src/share/qr.ts';

/** Plus the offset of all ports. */
export const studentPort = 4005;

export interface Address {
  address: string;
  /** Its network interface: `eth0`. */
  name: string;
}

/** Bridges and tunnels of this machine itself: no class is behind them. */
const virtual = /^(docker|br-|veth|virbr|vboxnet|vmnet|bridge|utun|tun|tap|cni|flannel)/;

/** All addresses of this machine. */
export const addressesHere = (interfaces = networkInterfaces()): Address[] =>
  Object.entries(interfaces).flatMap(([name, all = []]) => all.map(({ address }) => ({ address, name })));

/** Those of them that a class may reach: on real networks, and of IPv6 only where there is no other. */
export function onNetworks(here: Address[]): Address[] {
  const real = here.filter(
    ({ address, name }) => !virtual.test(name) && !/^(127\.|169\.254\.|::1$|fe80:)/i.test(address),
  );
  const usual = real.filter(({ address }) => isIPv4(address));
  return usual.length > 0 ? usual : real;
}

/**
 * @param wanted what follows `--share=`; empty: the only address on a network, or the one that the person chooses
 * @param ask puts a question to the person; undefined without a terminal
 * @returns one of this machine's addresses
 * @throws Error with what is accepted
 */
export async function chooseAddress(
  wanted: string,
  here: Address[],
  ask?: (question: string) => Promise<string>,
): Promise<string> {
  const offered = onNetworks(here);
  const accepted = `Accepted: --share=ADDRESS with one of ${offered.map(({ address, name }) => `${address} (${name})`).join(', ') || 'the addresses of this machine'}.`;
  if (wanted !== '') {
    if (here.some(({ address }) => address === wanted)) return wanted;
    throw new Error(`--share=${wanted}: this machine has no such address. ${accepted}`);
  }
  const [first] = offered;
  if (!first) throw new Error(`--share: this machine is on no network. ${accepted}`);
  if (offered.length === 1) return first.address;
  if (!ask) throw new Error(`--share: this machine is on several networks. ${accepted}`);
  const list = offered.map(({ address, name }, i) => `  ${i + 1}  ${address}  (${name})`).join('\n');
  for (let question = `This machine is on several networks:\n${list}\nOn which one is the class? [1] `; ; ) {
    const answer = (await ask(question)).trim() || '1';
    const chosen = offered.find(({ address }, i) => answer === address || answer === String(i + 1));
    if (chosen) return chosen.address;
    question = `${answer} is none of them. A number from 1 to ${offered.length}, or an address: `;
  }
}

/** Asks in the terminal; undefined where there is none. */
export function asker(): ((question: string) => Promise<string>) | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    // Ctrl-C ends the start, as everywhere else.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return await terminal.question(question);
    } finally {
      terminal.close();
    }
  };
}

/** `http://192.168.1.5:4005` */
export const originOf = (address: string, offset: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${studentPort + offset}`;

/** What is opened, and to whom. @param host where the other ports listen, by HOST */
export const sayShared = (origin: string, host = '127.0.0.1'): string[] => [
  `For the class: ${origin}`,
  'Everybody on this network can watch the flow page there: all rides, with the names and mail addresses in them.',
  'Nothing can be booked, changed or stopped there.',
  /^(127\.|::1$|localhost$)/.test(host)
    ? 'Nothing else is open: the other pages and Kafka answer on this machine alone.'
    : `HOST=${host} opens the ports of the other processes too.`,
  ...qrLines(origin),
];
