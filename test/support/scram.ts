/**
 * Gives a user a SCRAM password, as Kafka's own tool does: AlterUserScramCredentials (API key 51, version 0) of the Kafka protocol.
 * kafkajs does not have this request, and the location of the tool depends on the Kafka version.
 */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

const mechanisms = {
  'SCRAM-SHA-256': { code: 1, digest: 'sha256', length: 32 },
  'SCRAM-SHA-512': { code: 2, digest: 'sha512', length: 64 },
} as const;
const iterations = 4096;

/** @param address address of a listener without restrictions. @throws Error with Kafka's answer when it rejects the request */
export async function addScramUser(
  address: string,
  user: string,
  mechanism: keyof typeof mechanisms,
  password: string,
): Promise<void> {
  const { code, digest, length } = mechanisms[mechanism];
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, length, digest);
  const clientId = Buffer.from('test');
  const request = Buffer.concat([
    int16(51),
    int16(0), // version
    int32(1), // correlation id
    int16(clientId.length),
    clientId,
    noTags,
    varint(1), // no deletions
    varint(2), // one upsertion
    compact(Buffer.from(user)),
    Buffer.from([code]),
    int32(iterations),
    compact(salt),
    compact(salted),
    noTags,
    noTags,
  ]);
  const answer = await ask(address, request);
  // Size, correlation id, tags, throttle time, the number of results, then the first one: the user and an error code.
  const error = answer.readInt16BE(4 + 4 + 1 + 4 + 1 + 1 + Buffer.byteLength(user));
  if (error !== 0)
    throw new Error(`Kafka gives ${user} no password: error ${error}, ${answer.toString('latin1')}`);
}

async function ask(address: string, request: Buffer): Promise<Buffer> {
  const colon = address.lastIndexOf(':');
  const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
  try {
    await once(socket, 'connect');
    socket.write(Buffer.concat([int32(request.length), request]));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) return answer;
    }
    throw new Error('Kafka ended the connection');
  } finally {
    socket.destroy();
  }
}

const noTags = Buffer.from([0]);
const varint = (value: number) => Buffer.from([value]); // all of them are below 128
const compact = (bytes: Buffer) => Buffer.concat([varint(bytes.length + 1), bytes]);
const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
