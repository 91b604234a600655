/** How a server tells its clients to go elsewhere, without a request lost. */
import type { Server, ServerResponse } from 'node:http';

/**
 * Prepares a server for its end. The returned function begins it: from then on every answer, also to a request that is under
 * way, closes its connection. A client on a kept-alive connection thus opens its next one elsewhere. The server must go on
 * accepting and leave idle connections open for a while: a request that crosses a closed connection is lost.
 */
export function announceEnd(server: Server): () => void {
  const open = new Set<ServerResponse>();
  let ending = false;
  const announce = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };
  // Before the listener that answers.
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
