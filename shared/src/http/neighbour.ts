/** Who is on the same private network, as the containers of one compose file are. */
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
 * The connection comes from a private address, and was made to a name without a dot, such as `transaction`, or to a loopback
 * address. Nobody can own such a name in the public DNS, so no page of another site can stand behind it (DNS rebinding).
 */
export function isNeighbour({ socket, hostname }: Pick<Request, 'socket' | 'hostname'>): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (address === '' || !privateNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return false;
  return /^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname ?? '');
}
