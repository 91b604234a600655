/** `npm run lab -- board`: a page that shows a class at its labs. It only knows what students send who asked for it. */
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { securityHeaders } from '@rideflow/shared/http/html.ts';
import { serveFile, serveLook } from '@rideflow/shared/http/page.ts';
import express from 'express';
import { addressesHere, onNetworks } from '../../../infra/system/share.ts';
import { labs } from '../all.ts';
import { folder } from '../engine/keep.ts';
import { Report } from '../engine/report.ts';
import { Class } from './class.ts';
import { boardPage } from './page.ts';

/** Everybody on the network can reach it, so everything is bounded. */
const limits = { body: '2kb', connections: 400, patience: 10_000 };

export interface Board {
  server: Server;
  /** Where students reach it. */
  addresses: string[];
}

/**
 * Opens the board on every network address of this machine.
 * @param file the reports so far, one JSON object a line; a board that starts again continues with them
 */
export async function openBoard(port: number, file: string): Promise<Board> {
  const members = new Class();
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []) {
    const { at, ...report } = JSON.parse(line);
    members.add(Report.parse(report), at);
  }
  const app = express().disable('x-powered-by');
  const server = createServer({ headersTimeout: limits.patience, requestTimeout: limits.patience }, app);
  server.maxConnections = limits.connections;
  server.listen(port);
  await once(server, 'listening').catch((error: Error) => {
    throw new Error(`The board cannot listen at port ${port} (${error.message}). Use another one: --port N`);
  });
  const { port: open } = server.address() as { port: number };
  const hosts = onNetworks(addressesHere()).map(({ address }) =>
    address.includes(':') ? `[${address}]` : address,
  );
  const addresses = (hosts.length > 0 ? hosts : ['localhost']).map((host) => `http://${host}:${open}`);

  serveLook(app);
  for (const name of ['board.css', 'board.js']) serveFile(app, `/${name}`, new URL(name, import.meta.url));
  app.get('/', (_request, response) => {
    response
      .set({ ...securityHeaders, 'cache-control': 'no-store' })
      .send(boardPage(members, labs, addresses, Date.now()));
  });
  app.post('/results', express.json({ limit: limits.body }), (request, response) => {
    const { data: report, error } = Report.safeParse(request.body);
    if (!report) return void response.status(400).send(`not a result: ${error.issues[0]?.message}`);
    if (!labs.some(({ number }) => number === report.lab))
      return void response.status(400).send(`the board knows no lab ${report.lab}`);
    const now = Date.now();
    if (!members.add(report, now)) return void response.status(429).send('too many names');
    appendFileSync(file, `${JSON.stringify({ at: now, ...report })}\n`);
    response.status(204).end();
  });
  app.use(
    (_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(400).send('not a result');
    },
  );
  return { server, addresses };
}

/** Runs until Ctrl-C. */
export async function board(port: number): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const { server, addresses } = await openBoard(port, join(folder, 'board.jsonl'));
  console.log(`The board: http://localhost:${port}

Students start a lab with one of these addresses. Only a chosen name and the results are sent:
${addresses.map((address) => `  npm run lab -- start 1 --report ${address} --name NAME`).join('\n')}

Everybody on your network can open the board and send results to it. Ctrl-C ends it. It keeps the results in
.rideflow/labs/board.jsonl; delete that file to begin with a new class.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  server.close();
  server.closeAllConnections();
  return 0;
}
