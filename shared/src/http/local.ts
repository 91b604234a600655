/** Allows actions only to a person on this machine, and not to a page of another site in their browser. */
import { readFileSync } from 'node:fs';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/**
 * True if the connection comes from this machine and used one of its own names (no DNS rebinding).
 * @param gateway another address that counts as this machine: in a container, the gateway of Docker
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
 * The default gateway of this machine (Linux); null if there is none. If a container publishes a port on the loopback address
 * of its host, callers on the host appear to come from that gateway.
 */
export function defaultGateway(): string | null {
  try {
    return gatewayIn(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    return null;
  }
}

/** The default route in the text of /proc/net/route, which has hexadecimal addresses, last byte first. */
export function gatewayIn(routes: string): string | null {
  for (const line of routes.split('\n').slice(1)) {
    const [, destination, gateway = ''] = line.split('\t');
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway) || gateway === '00000000') continue;
    return Buffer.from(gateway, 'hex').reverse().join('.');
  }
  return null;
}

/**
 * Allows actions with JSON only. A page of another site cannot send JSON without a CORS preflight. Nor can it send DELETE,
 * which needs no body.
 */
export const onlyJson: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'] ?? '';
  if (/^(GET|HEAD|OPTIONS|DELETE)$/.test(request.method) || /^application\/json\s*(?:;|$)/i.test(type))
    return next();
  throw new Problem(
    415,
    'The request must have the header Content-Type: application/json, even without a body.',
    {
      headers: { accept: 'application/json' },
    },
  );
};
