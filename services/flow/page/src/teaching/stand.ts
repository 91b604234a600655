/** How the system stands, and what to ask for so that it stands otherwise. Pure. */
import type { Controls, MailFault, Process, View } from '../../../src/protocol.ts';
import { isFrozen, lives } from '../processes.ts';
import type { Pace, Stage } from './lesson.ts';

export interface Stand {
  /** By service. */
  processes: Record<string, number>;
  guarantees: Record<string, string>;
  paces: Record<string, Pace>;
  /** `after-produce:3`; null where no process will die. */
  crashes: Record<string, string | null>;
  /** null: it cannot be chosen. */
  mail: MailFault | null;
  stream: { rate: number; keys: boolean } | null;
}

export interface Request {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  /** What it changes, for people: `stop transaction-2`. */
  does: string;
}

const full: Pace = { delay: 0, paused: false, step: false };
/** As the table of the topology has it. */
export const guarantees = {
  transaction: 'exactly-once',
  email: 'at-least-once',
  analytics: 'exactly-once',
};
const services = ['rides', ...Object.keys(guarantees)];
export const readers = Object.keys(guarantees);

/** After a fresh start, and what a stage changes in it. */
export function stageOf(stage: Stage = {}): Stand {
  return {
    processes: { ...each(services, () => 1), ...stage.processes },
    guarantees: { ...guarantees, ...stage.guarantees },
    paces: { ...each(readers, () => full), ...stage.paces },
    crashes: each(readers, () => null),
    mail: stage.mail ?? 'none',
    stream: null,
  };
}

/** As it is now. */
export function standNow(view: View, controls: Controls): Stand {
  const all = (service: string) => running(view, service);
  return {
    processes: each(services, (service) => all(service).length),
    guarantees: each(
      readers,
      (service) =>
        all(service).find(({ guarantee }) => guarantee)?.guarantee ??
        guarantees[service as keyof typeof guarantees],
    ),
    paces: each(readers, (service) => all(service).find(({ pace }) => pace)?.pace ?? full),
    crashes: each(
      readers,
      (service) => all(service).find(({ crashPoint }) => crashPoint)?.crashPoint ?? null,
    ),
    mail: controls.mailFault,
    stream: controls.stream && { rate: controls.stream.rate, keys: controls.stream.keys },
  };
}

/** What is to be asked for, in this order; nothing once it stands as wanted. */
export function toward(wanted: Stand, view: View, controls: Controls): Request[] {
  const requests: Request[] = [];
  const ask = (does: string, method: Request['method'], path: string, body?: unknown) =>
    void requests.push({ method, path, does, ...(body !== undefined && { body }) });
  const here = controls.processes === 'here';
  const now = standNow(view, controls);
  const { stream, mail } = wanted;

  if (!view.broker.up && controls.broker) ask('start Kafka', 'PUT', '/broker');
  if (view.processes.some(isFrozen)) ask('resume what is frozen', 'DELETE', '/frozen');

  if (!same(stream, now.stream))
    stream
      ? ask(`book a stream of ${stream.rate} rides per second`, 'PUT', '/stream', stream)
      : ask('stop the stream of rides', 'DELETE', '/stream');
  if (mail && now.mail && mail !== now.mail)
    ask(mail === 'none' ? 'let the mail server work' : 'let the mail server fail', 'PUT', '/mail', {
      fault: mail,
    });
  // Before a guarantee: that starts the other processes again, and then nobody has these ids.
  for (const [service, count] of Object.entries(wanted.processes))
    for (const { id, name } of here ? running(view, service).slice(count) : [])
      ask(`stop ${name}`, 'DELETE', `/processes/${encodeURIComponent(id)}?how=stop`);
  for (const [service, guarantee] of Object.entries(wanted.guarantees)) {
    const others = running(view, service).some((one) => one.guarantee && one.guarantee !== guarantee);
    const does = `restart ${service} with ${guarantee.replaceAll('-', ' ')}`;
    if (here && others) ask(does, 'PUT', `/guarantee/${service}`, { guarantee });
  }
  for (const [service, count] of Object.entries(wanted.processes)) {
    if (!here) continue;
    for (let n = running(view, service).length; n < count; n++)
      ask(`start a process of ${service}`, 'POST', `/processes/${service}`);
  }
  const stays = (service: string) => !here || (wanted.processes[service] ?? 1) > 0;
  for (const [service, pace] of Object.entries(wanted.paces))
    if (stays(service) && running(view, service).some((one) => one.pace && !same(one.pace, pace)))
      ask(`change the speed of ${service}`, 'PUT', `/pace/${service}`, pace);
  for (const [service, at] of Object.entries(wanted.crashes)) {
    if (now.crashes[service] === at || !stays(service)) continue;
    at
      ? ask(`arm a crash of ${service}`, 'PUT', `/crash/${service}`, { at })
      : ask(`disarm the crash of ${service}`, 'DELETE', `/crash/${service}`);
  }
  return requests;
}

/** Whether every process has said how it is: one that has just started may stand otherwise than it seems. */
export const isTold = (view: View): boolean => view.processes.every(({ state }) => state !== 'starting');

/** Those that are there: also one that is frozen, since it is about to go on. */
const running = (view: View, service: string): Process[] =>
  view.processes.filter(
    (one) => one.service === service && (lives(one) || one.state === 'starting' || isFrozen(one)),
  );

const each = <T>(names: string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

const same = (a: object | null, b: object | null): boolean =>
  a === null || b === null
    ? a === b
    : Object.entries(a).every(([name, value]) => (b as Record<string, unknown>)[name] === value);
