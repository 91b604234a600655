/** Who may make something happen: a person at this machine, and no page of another site that is open in their browser. */
import { readFileSync } from 'node:fs';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/**
 * The connection comes from this machine, and was made to it by one of its own names (no DNS rebinding).
 * @param gateway a further address that counts as this machine: inside a container, that of Docker
 */
export function isLocal(
  { socket, hostname }: Pick<Request, 'socket' | 'hostname'>,
  gateway: string | null = null,
): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const local = address === '::1' || /^127\./.test(address) || (gateway !== null && address === gateway);
  return local && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname ?? '');
}

/**
 * The default gateway of this machine (Linux), null where there is none. To a container with a port that is published on
 * the loopback address of its host, callers on the host come from there.
 */
export function defaultGateway(): string | null {
  try {
    return gatewayIn(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    return null;
  }
}

/** The route to everywhere in the text of /proc/net/route, where addresses are hexadecimal, last byte first. */
export function gatewayIn(routes: string): string | null {
  for (const line of routes.split('\n').slice(1)) {
    const [, destination, gateway = ''] = line.split('\t');
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway) || gateway === '00000000') continue;
    return Buffer.from(gateway, 'hex').reverse().join('.');
  }
  return null;
}

/**
 * Of what makes something happen, lets through JSON alone: no page of another site can send that without being asked first (CORS).
 * Nor can it send DELETE, which needs no body.
 */
export const onlyJson: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'] ?? '';
  if (/^(GET|HEAD|OPTIONS|DELETE)$/.test(request.method) || /^application\/json\s*(?:;|$)/i.test(type))
    return next();
  throw new Problem(415, 'The request must say Content-Type: application/json, also where it has no body.', {
    headers: { accept: 'application/json' },
  });
};
