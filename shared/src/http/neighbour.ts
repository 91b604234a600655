/** Recognises callers in the same private network, such as the containers of one compose file. */
import { BlockList, isIPv6 } from 'node:net';
import type { Request } from 'express';

/** RFC 1918, RFC 4193, RFC 3927, RFC 4291. */
const privateNetworks = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  privateNetworks.addSubnet(network, bits, 'ipv4');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');
privateNetworks.addSubnet('fe80::', 10, 'ipv6');
privateNetworks.addAddress('::1', 'ipv6');

/**
 * True if the connection comes from a private address and used a name without a dot, such as `transaction`, or a loopback
 * address. Nobody can own such a name in the public DNS, so no page of another site can use it (DNS rebinding).
 */
export function isNeighbour({ socket, hostname }: Pick<Request, 'socket' | 'hostname'>): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (address === '' || !privateNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return false;
  return /^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname ?? '');
}
