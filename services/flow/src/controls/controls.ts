/** `/api/controls`: what the person at the page can make happen; the list of routes stands at the end of protocol.ts. */
import { atMost } from '@rideflow/shared/at-most.ts';
import { onlyJson } from '@rideflow/shared/http/local.ts';
import { onlyMethods } from '@rideflow/shared/http/problem.ts';
import { kinds } from '@rideflow/shared/poison.ts';
import type { Service } from '@rideflow/shared/service.ts';
import express, { type Request, type RequestHandler } from 'express';
import type { Controls } from '../protocol.ts';
import * as bodies from './bodies.ts';
import { createBooking } from './booking.ts';
import { commandsFor } from './commands.ts';
import { expire } from './expire.ts';
import { ForeignWriter } from './foreign-writer.ts';
import { only, type WhyNot, whyNot } from './guard.ts';
import { createLetters } from './letters.ts';
import { createMailFaults } from './mail.ts';
import { choices, controlled, known, reader } from './places.ts';
import { createProcesses, type ProcessDeps } from './processes.ts';
import type { ControlConfig } from './settings.ts';
import { Streamer } from './stream.ts';

/** Of a body: a rate, a name, a number. */
const limit = '10kb';
/** A value of the largest message that Kafka takes, in base64, and the coordinates of many. */
const valueLimit = '2mb';

/**
 * Serves the controls on the service's port. Goes before the handler of problems.
 * @param why who may not; by default as TEACHING says
 */
export function mountControls(
  service: Pick<Service, 'http' | 'config' | 'log' | 'onStop'>,
  config: ControlConfig,
  deps: ProcessDeps,
  why: WhyNot = whyNot(config.TEACHING),
): void {
  const writer = new ForeignWriter(service);
  const booking = createBooking(config, writer);
  const streamer = new Streamer(booking.many);
  const mail = createMailFaults(config.MAILBOX_URL);
  const processes = createProcesses(deps);
  const client = { name: 'flow-controls', config: service.config, log: service.log };
  const letters = createLetters(client);
  service.onStop('the controls', () => {
    streamer.stop();
    // Whoever asked for something has had the answer by now, or the time for it.
    return atMost(2000, Promise.all([writer.stop(), letters.close()]));
  });

  async function shown(request: Request): Promise<Controls> {
    const reason = why(request);
    const here = deps.supervisor.present() ? 'here' : config.TEACHING === 'container' ? 'compose' : 'by hand';
    return {
      on: reason === null,
      why: reason,
      processes: here,
      broker: deps.supervisor.broker(),
      stream: streamer.stream,
      mailFault: reason === null ? await mail.fault() : null,
      services: Object.fromEntries(controlled.map((name) => [name, choices(name)])),
      poisonKinds: Object.entries(kinds).map(([name, { shows }]) => ({ name, text: shows })),
      commands: commandsFor(here, service.config),
    };
  }
  /** Does something, and answers with how things are then. */
  const doing =
    (act: (request: Request) => unknown): RequestHandler =>
    async (request, response) => {
      await act(request);
      response.set('cache-control', 'no-store').json(await shown(request));
    };

  const controls = express.Router();
  controls
    .route('/')
    .get(doing(() => {}))
    .all(onlyMethods('GET'));
  controls.use(only(why), onlyJson);
  controls.use('/dead-letters', express.json({ limit: valueLimit }));
  controls.use(express.json({ limit }));
  const route = (path: string, handlers: Partial<Record<'post' | 'put' | 'delete', RequestHandler>>) => {
    const at = controls.route(path);
    const methods = Object.entries(handlers) as ['post' | 'put' | 'delete', RequestHandler][];
    for (const [method, handler] of methods) at[method](handler);
    at.all(onlyMethods(...methods.map(([method]) => method.toUpperCase())));
  };

  route('/book', {
    post: async (request, response) => {
      const answer = await booking.one(bodies.book(request.body));
      response.status(202).set('cache-control', 'no-store').json(answer);
    },
  });
  route('/stream', {
    put: doing(({ body }) => {
      const { rate, keys } = bodies.stream(body);
      streamer.start(rate, keys);
    }),
    delete: doing(() => streamer.stop()),
  });
  route('/pace/:service', {
    put: doing(async ({ params, body }) => {
      const { process, ...pace } = bodies.pace(body);
      const service = reader(params.service);
      await processes.to(service, { method: 'PUT', path: '/pace', body: pace }, process);
      if (process === undefined && pace.delay !== undefined) deps.onDelay?.(service, pace.delay);
    }),
  });
  route('/step/:service', {
    post: doing(({ params, body }) => {
      const { process } = bodies.step(body);
      return processes.to(reader(params.service), { method: 'POST', path: '/step', body: {} }, process);
    }),
  });
  route('/crash/:service', {
    put: doing(({ params, body }) => {
      const { at, process } = bodies.crash(body);
      return processes.toOne(
        reader(params.service),
        { method: 'PUT', path: '/crash-point', body: { at } },
        process,
      );
    }),
    delete: doing(({ params }) =>
      processes.toAll(reader(params.service), { method: 'DELETE', path: '/crash-point' }),
    ),
  });
  route('/mail', { put: doing(({ body }) => mail.set(bodies.mail(body).fault)) });
  route('/poison', {
    post: doing(({ body }) => {
      const { kind, topic } = bodies.poison(body);
      return writer.write(topic, kinds[kind].value(topic, Math.floor(Math.random() * 40)));
    }),
  });
  route('/guarantee/:service', {
    put: doing(({ params, body }) =>
      processes.guarantee(reader(params.service), bodies.guarantee(body).guarantee),
    ),
  });
  route('/processes/:name', {
    post: doing(({ params }) => processes.start(known(params.name))),
    delete: doing(({ params, query }) => processes.end(String(params.name), bodies.how(query.how))),
  });
  route('/frozen', {
    put: doing(({ body }) => processes.freeze(bodies.frozen(body).process)),
    delete: doing(() => processes.thaw()),
  });
  route('/broker', {
    put: doing(async () => {
      await deps.supervisor.ask({ what: 'broker', up: true });
      deps.onBrokerEnd(false);
    }),
    delete: doing(async () => {
      deps.onBrokerEnd(true);
      await deps.supervisor.ask({ what: 'broker', up: false }).catch((error) => {
        deps.onBrokerEnd(false);
        throw error;
      });
    }),
  });
  route('/expire', { post: doing(({ body }) => expire(client, bodies.expire(body))) });
  route('/reset', {
    post: doing(async () => {
      streamer.stop();
      await deps.supervisor.ask({ what: 'reset' });
      deps.onReset();
    }),
  });
  route('/dead-letters/replay', {
    post: doing(({ body }) => {
      const { coordinates, edit, again } = bodies.replay(body);
      return letters.settle('replay', coordinates, { again, ...(edit && { change: () => edit }) });
    }),
  });
  route('/dead-letters/drop', {
    post: doing(({ body }) => letters.settle('drop', bodies.drop(body).coordinates)),
  });
  service.http.use('/api/controls', controls);

  const looked =
    (look: (request: Request) => Promise<unknown>): RequestHandler =>
    async (request, response) =>
      void response.set('cache-control', 'no-store').json(await look(request));
  service.http
    .route('/api/dead-letters')
    .get(looked(() => letters.list()))
    .all(onlyMethods('GET'));
  service.http
    .route('/api/dead-letters/*coordinates')
    .get(looked(({ params }) => letters.show([params.coordinates].flat().join('/'))))
    .all(onlyMethods('GET'));
}
