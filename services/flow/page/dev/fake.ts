/**
 * `vite services/flow/page` and `vite preview services/flow/page` serve the page with a made-up system behind it:
 * `/?state=busy` and the other scenarios. A development tool; the product has nothing of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import type { Controls } from '../../src/protocol.ts';
import { scenarios } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import { deadLetters, storyOf } from './stories.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const tick = 50;

export function fakeServer(): Plugin {
  return {
    name: 'fake-flow-process',
    configureServer: (server) => void server.middlewares.use(fake()),
    configurePreviewServer: (server) => {
      server.middlewares.use((_request, response, next) => {
        response.setHeader('content-security-policy', policy);
        next();
      });
      server.middlewares.use(fake());
    },
  };
}

function fake(): Connect.NextHandleFunction {
  let name = 'empty';
  let simulation = new Simulation(scenarios.empty as (typeof scenarios)[string]);
  const listeners = new Set<ServerResponse>();
  let n = 0;
  const send = (response: ServerResponse, event: string, data: unknown) =>
    response.write(`id: fake.${n++}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  setInterval(() => {
    if (listeners.size === 0) return;
    const change = simulation.tick(tick);
    if (change) for (const listener of listeners) send(listener, 'change', change);
  }, tick).unref();

  return (request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const json = (body: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const state = url.searchParams.get('state');
    if (state && scenarios[state]) {
      name = state;
      simulation = new Simulation(scenarios[state]);
    }
    if (url.pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      send(response, 'snapshot', simulation.view);
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      return;
    }
    const story = /^\/api\/(?:rides|messages)\/(.+)$/.exec(url.pathname)?.[1];
    if (story) {
      const found = storyOf(simulation, decodeURIComponent(story));
      return found ? json(found) : json({ detail: `No message of ${story} was seen by this process.` }, 404);
    }
    if (url.pathname.startsWith('/api/lanes/')) return json({ marks: [] });
    if (url.pathname.startsWith('/api/customers/')) {
      const rides = [...new Set(simulation.rides.values())].slice(-20).reverse();
      return json({ rides: rides.map(({ id, request, at }) => ({ ride: id, at, coordinates: request })) });
    }
    if (url.pathname === '/api/dead-letters') return json(deadLetters(simulation));
    if (url.pathname.startsWith('/api/controls')) return void control(request, json);
    next();
  };

  async function control(request: IncomingMessage, json: (body: unknown, status?: number) => void) {
    let body = '';
    for await (const part of request) body += part;
    const asked = body ? JSON.parse(body) : {};
    const path = request.url?.slice('/api/controls'.length) ?? '';
    if (path === '/book') {
      const { id, partition, offset } = simulation.book();
      return json(
        { ride: { id }, stored: { topic: 'ride_details', partition, offset: String(offset) } },
        202,
      );
    }
    const pace = /^\/pace\/(\w+)$/.exec(path)?.[1];
    if (pace)
      for (const process of simulation.view.processes) if (process.service === pace) process.pace = asked;
    if (path === '/mail') controls.mailFault = asked.fault;
    if (path === '/stream')
      controls.stream = request.method === 'PUT' ? { ...asked, booked: 17, trouble: null } : null;
    const on = scenarios[name]?.controls !== 'off';
    const why = on ? null : 'The flow process was not started for teaching: start it with TEACHING=on.';
    json({ ...controls, on, why, processes: scenarios[name]?.controls === 'compose' ? 'compose' : 'here' });
  }
}

const crashPoints = [
  { name: 'before-produce', text: 'messages are handled, nothing is written' },
  { name: 'after-produce', text: 'outcomes are written, the transaction is open' },
  { name: 'after-commit', text: 'the offset is committed' },
];
const all = ['at-most-once', 'at-least-once', 'exactly-once'];
const controls: Controls = {
  on: true,
  why: null,
  processes: 'here',
  broker: true,
  stream: null,
  mailFault: 'none',
  services: {
    rides: { most: 1, guarantees: ['at-least-once'], crashPoints: [] },
    transaction: { most: 6, guarantees: all, crashPoints },
    email: {
      most: 6,
      guarantees: all.slice(0, 2),
      crashPoints: [
        { name: 'after-mail', text: 'the server accepted the mail, the offset is not committed' },
      ],
    },
    analytics: {
      most: 1,
      guarantees: all,
      crashPoints: [
        { name: 'mid-statistics', text: 'results are written, the database transaction is open' },
      ],
    },
  },
  poisonKinds: [
    { name: 'not-json', text: 'a value that is no JSON is parked with the place where reading it failed' },
    { name: 'wrong-field', text: 'JSON with a field out of range is parked with the name of the field' },
  ],
  commands: {
    start: 'docker compose up -d --scale transaction=2',
    kill: 'docker kill rideflow-transaction-1',
    stop: 'docker compose stop transaction',
    guarantee: 'GUARANTEE=at-least-once docker compose up -d transaction',
    reset: 'docker compose down -v && docker compose up',
    book: 'curl localhost:4000/rides',
    share: 'npm start -- --share',
  },
};
