/** Lets a server send its clients elsewhere without losing a request. */
import type { Server, ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Prepares a server for its end. The returned function starts it: from then on every answer closes its connection, also the
 * answer to a request in progress. A client with a persistent connection then opens its next one elsewhere. The server must
 * still accept connections and keep idle ones open for a while, because a request on a closing connection is lost.
 */
export function announceEnd(server: Server): () => void {
  const open = new Set<ServerResponse>();
  let ending = false;
  const announce = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };
  // Runs before the listener that answers.
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (ending) return announce(response);
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return () => {
    ending = true;
    for (const response of open) announce(response);
    open.clear();
  };
}

/**
 * Lets the process read the requests that have arrived already. If it was busy, a timer runs before they are read, and their
 * connections still look idle.
 */
export async function readWhatIsThere(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await turn();
}
