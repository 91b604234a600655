import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * The highest `metadata.version` that a broker supports, from an ApiVersions request, version 3 (KIP-511 and KIP-584), which
 * needs no login. The protocol has no better way to find the broker's release. It tells 4.2 from 4.3, but not 4.3.0 from
 * 4.3.2. Undefined when the broker does not report it.
 * @param tls the certificate authority in PEM, or true, if the broker requires TLS
 */
export async function metadataVersion(
  host: string,
  port: number,
  tls: string | boolean,
): Promise<number | undefined> {
  const ca = typeof tls === 'string' ? { ca: tls } : {};
  const socket = tls ? connectTls({ host, port, servername: host, ...ca }) : connectTcp({ host, port });
  try {
    socket.write(request());
    return supported(await response(socket), 'metadata.version');
  } finally {
    socket.destroy();
  }
}

/** The release line of a `metadata.version`, according to Kafka's own table; undefined below 3.3. */
export function releaseOf(level: number): string | undefined {
  const firsts: [number, string][] = [
    [31, '4.4 or newer'],
    [30, '4.3'],
    [28, '4.2'],
    [26, '4.1'],
    [22, '4.0'],
    [21, '3.9'],
    [20, '3.8'],
    [15, '3.7'],
    [12, '3.6'],
    [9, '3.5'],
    [8, '3.4'],
    [7, '3.3'],
  ];
  return firsts.find(([first]) => level >= first)?.[1];
}

function request(): Buffer {
  const name = Buffer.from('rideflow-doctor');
  const header = Buffer.alloc(10);
  header.writeInt16BE(18, 0); // ApiVersions
  header.writeInt16BE(3, 2);
  header.writeInt32BE(1, 4); // correlation id
  header.writeInt16BE(name.length, 8);
  const compact = Buffer.concat([Buffer.from([name.length + 1]), name]);
  const version = Buffer.from([2, 0x31]); // "1"
  const noTags = Buffer.from([0]);
  const body = Buffer.concat([header, name, noTags, compact, version, noTags]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

async function response(socket: Socket): Promise<Buffer> {
  socket.setTimeout(5000, () => socket.destroy(new Error('no answer within 5 s')));
  let data = Buffer.alloc(0);
  for await (const chunk of socket) {
    data = Buffer.concat([data, chunk]);
    if (data.length >= 4 && data.length >= 4 + data.readInt32BE(0)) return data.subarray(8); // after size and correlation id
  }
  throw new Error('the connection was closed');
}

/** The highest level of one feature in the body of an ApiVersions response. */
function supported(body: Buffer, feature: string): number | undefined {
  if (body.readInt16BE(0) !== 0) return undefined; // too old for version 3
  let at = 2;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skipTags = () => {
    for (let n = varint(); n > 0; n--) {
      varint();
      at += varint();
    }
  };
  for (let n = varint() - 1; n > 0; n--) {
    at += 6; // key, lowest and highest version of one request
    skipTags();
  }
  at += 4; // throttle time
  for (let tags = varint(); tags > 0; tags--) {
    const tag = varint();
    const end = varint() + at;
    if (tag === 0) {
      for (let n = varint() - 1; n > 0; n--) {
        const length = varint() - 1;
        const name = body.toString('utf8', at, at + length);
        at += length;
        const highest = body.readInt16BE(at + 2);
        at += 4;
        skipTags();
        if (name === feature) return highest;
      }
    }
    at = end;
  }
  return undefined;
}
