/** Hostile requests: each one is invalid by construction and must be rejected. */
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';

export interface Attempt {
  /** What is wrong with it. */
  kind: string;
  bytes: Buffer;
  /** Not a valid HTTP request: the connection may end after it. */
  raw: boolean;
}

const right = { customer_id: 'hostile', location: { lat: 12.97, long: 77.59 } };

type Body = string | Uint8Array;

function request(method: string, path: string, headers: Record<string, string>, body: Body = ''): Buffer {
  const bytes = Buffer.from(body as string);
  const lines = Object.entries({ host: 'rides', 'content-length': String(bytes.length), ...headers });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

const json = { 'content-type': 'application/json' };
const ndjson = { 'content-type': 'application/x-ndjson' };
const book = (body: Body, headers: Record<string, string> = {}) =>
  request('POST', '/rides', { ...json, ...headers }, body);
const valid = JSON.stringify(right);
/** A valid request in which one field has another value. */
const having = (name: string, value: unknown) => JSON.stringify({ ...right, [name]: value });
/** JSON text with an unknown field in front. Not built from an object, which would lose `__proto__`. */
const extra = (name: string, value: unknown) =>
  `{${JSON.stringify(name)}:${JSON.stringify(value)},${valid.slice(1)}`;

const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const printable = (maxLength: number) => fc.string({ unit: 'grapheme-ascii', maxLength });
const upTo = (max: number) => fc.integer({ min: 1, max });
const polluting = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  '__defineGetter__',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
);
const lineBreaks = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '\u0000',
  '\u2028',
  '\u2029',
  '\u0085',
  '%0d%0a',
  '\\r\\n\r\n',
);
const mailHeader = fc.constantFrom(
  'Bcc: victim@example.org',
  'Subject: you won',
  'Content-Type: text/html',
  '\r\n<script>alert(1)</script>',
  '.\r\nMAIL FROM:<a@b.cd>',
);
const notANumber = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.constant({}),
);
const beyond = fc.oneof(
  fc.double({ min: 180.0001, noNaN: true, noDefaultInfinity: true }),
  fc.double({ max: -180.0001, noNaN: true, noDefaultInfinity: true }),
);
/** Any JSON that is not a ride: every object lacks a location. */
const anyJson = fc.json().filter((made) => !made.includes('"location"'));

const kinds: Record<string, { weight: number; made: fc.Arbitrary<Buffer>; raw?: boolean }> = {
  'a wrong value': {
    weight: 15,
    made: fc
      .oneof(
        fc
          .tuple(fc.constantFrom('lat', 'long'), fc.oneof(notANumber, beyond))
          .map(([name, value]) => having('location', { ...right.location, [name]: value })),
        fc
          .anything({ maxDepth: 2 })
          .filter((value) => typeof value !== 'string')
          .map((value) => having('customer_id', plain(value))),
        text(80)
          .filter((value) => !/^[A-Za-z0-9_.-]{1,64}$/.test(value))
          .map((value) => having('customer_id', value)),
        upTo(5000).map((length) => having('customer_id', 'x'.repeat(64 + length))),
        text(60)
          .filter((value) => !['tok_ok', 'tok_declined', 'tok_flaky'].includes(value))
          .map((value) => having('payment_token', value)),
        printable(300)
          .filter((value) => !value.includes('@'))
          .map((value) => having('customer_email', value)),
        fc
          .constantFrom('customer_id', 'location')
          .map((name) => JSON.stringify({ ...right, [name]: undefined })),
        fc
          .constantFrom('1e999', '-1e999', '0x10', 'NaN', '01', '1.', '١', '9'.repeat(400))
          .map((number) => `{"customer_id":"hostile","location":{"lat":${number},"long":1}}`),
      )
      .map((body) => book(body)),
  },
  'JSON of another kind, or none': {
    weight: 12,
    made: fc
      .oneof(
        anyJson,
        anyJson,
        text(400).filter((made) => !made.includes('location')),
      )
      .map((body) => book(body)),
  },
  'prototype pollution': {
    weight: 10,
    made: fc.oneof(
      fc.tuple(polluting, fc.jsonValue()).map(([name, value]) => book(extra(name, value))),
      fc
        .tuple(polluting, fc.jsonValue())
        .map(([name, value]) =>
          book(
            `{"customer_id":"hostile","location":{"lat":1,"long":1,${JSON.stringify(name)}:${JSON.stringify(value)}}}`,
          ),
        ),
      polluting.map((name) =>
        book(`{"__proto__":${valid},"constructor":{"prototype":{${JSON.stringify(name)}:${valid}}}}`),
      ),
    ),
  },
  'header injection into mail fields': {
    weight: 12,
    made: fc
      .tuple(
        fc.constantFrom('customer_email', 'customer_id', 'payment_token'),
        fc.constantFrom('user_1@example.com', 'user_1', ''),
        lineBreaks,
        mailHeader,
        fc.boolean(),
      )
      .map(([field, value, lineBreak, header, angled]) =>
        book(having(field, `${angled ? `"${value}" <` : value}${lineBreak}${header}`)),
      ),
  },
  'too large': {
    weight: 1,
    made: fc.oneof(
      {
        weight: 20,
        arbitrary: upTo(2000).map((more) => book(having('customer_email', 'a'.repeat(16 * 1024 + more)))),
      },
      {
        weight: 10,
        arbitrary: upTo(2000).map((more) =>
          book(gzipSync(valid + ' '.repeat(100_000 + more)), { 'content-encoding': 'gzip' }),
        ),
      },
      {
        weight: 1,
        arbitrary: upTo(100).map((more) =>
          request('POST', '/rides/batch', ndjson, `${' '.repeat(1024 * 1024 + more)}`),
        ),
      },
      {
        weight: 2,
        arbitrary: upTo(100).map((more) =>
          request('POST', '/rides/batch', ndjson, `${valid}\n`.repeat(1000 + more)),
        ),
      },
    ),
  },
  'nested deeply': {
    weight: 5,
    made: fc.oneof(
      upTo(7500).map((depth) => book('['.repeat(depth) + ']'.repeat(depth))),
      upTo(1200).map((depth) => book('{"location":'.repeat(depth) + valid + '}'.repeat(depth))),
      upTo(1200).map((depth) => book('{"location":'.repeat(depth))),
      upTo(2000).map((depth) =>
        book(having('location', JSON.parse(`${'{"lat":'.repeat(depth)}1${'}'.repeat(depth)}`))),
      ),
    ),
  },
  'a wrong encoding': {
    weight: 10,
    made: fc.oneof(
      fc
        .constantFrom('compress', 'gzip, gzip', 'zstd', 'identity, x', 'chunked', 'utf-8')
        .map((name) => book(valid, { 'content-encoding': name })),
      fc
        .tuple(fc.constantFrom('gzip', 'deflate', 'br'), fc.uint8Array({ maxLength: 300 }))
        .map(([name, bytes]) => book(bytes, { 'content-encoding': name })),
      upTo(30).map((cut) => book(gzipSync(valid).subarray(0, -cut), { 'content-encoding': 'gzip' })),
      upTo(20).map((cut) => book(deflateSync(valid).subarray(0, -cut), { 'content-encoding': 'deflate' })),
      fc
        .constantFrom('utf-17', 'ebcdic', '', '💣', '../../etc')
        .map((name) => book(valid, { 'content-type': `application/json; charset=x-${name}` })),
      fc
        .uint8Array({ minLength: 1, maxLength: 300 })
        .map((bytes) => book(Buffer.concat([Buffer.from([0x80]), bytes]))),
      fc.constant(book(Buffer.from(valid, 'utf16le'))),
    ),
  },
  'another type of body': {
    weight: 5,
    made: fc
      .oneof(
        fc.constantFrom(
          'text/plain',
          'text/json',
          'application/xml',
          'multipart/form-data; boundary=x',
          'application/x-www-form-urlencoded',
          'application/jsonx',
          '',
        ),
        printable(300).filter((type) => !/json/i.test(type)),
      )
      .map((type) => book(valid, { 'content-type': type })),
  },
  'a wrong key': {
    weight: 5,
    made: fc
      .oneof(
        fc.constantFrom('"', '""', '"a', 'a b', '"a" "b"', '"\\x"', 'a,b', '"\u00e4"', '(a)', '@'),
        upTo(2000).map((length) => 'k'.repeat(255 + length)),
      )
      .map((key) => book(valid, { 'idempotency-key': key })),
  },
  'no such place or method': {
    weight: 15,
    made: fc.oneof(
      fc
        .tuple(
          fc.constantFrom('PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'MKCOL'),
          fc.constantFrom('/rides', '/rides/batch', '/rides/x'),
        )
        .map(([method, path]) => request(method, path, json, valid)),
      text(20).map((part) => request('GET', `/rides/x${encodeURIComponent(part.toWellFormed())}`, {})),
      fc
        .constantFrom(
          '/rides/%ff',
          '/rides/..%2f..%2fetc%2fpasswd',
          '/%',
          '/rides/%00',
          '/../../etc/passwd',
          '/__proto__',
          '/rides?limit=%',
          '/rides?limit=-1',
          '/rides?limit=1&limit=2',
          '/rides?limit=1e3',
          '/rides/../../admin/crash',
        )
        .map((path) => request('GET', path, {})),
      upTo(9000).map((length) => request('GET', `/rides/${'x'.repeat(length)}`, {})),
      printable(60).map((part) => request('POST', `/nowhere/${encodeURIComponent(part)}`, json, valid)),
    ),
  },
  'a batch without a right ride': {
    weight: 4,
    made: fc.oneof(
      fc
        .array(anyJson, { minLength: 1, maxLength: 5 })
        .map((rides) => request('POST', '/rides/batch', json, `[${rides}]`)),
      fc
        .array(
          fc.oneof(
            anyJson,
            printable(40).filter((line) => !line.includes('{')),
          ),
          { maxLength: 5 },
        )
        .map((lines) => request('POST', '/rides/batch', ndjson, lines.join('\n'))),
      anyJson
        .filter((made) => !made.startsWith('['))
        .map((body) => request('POST', '/rides/batch', json, body)),
    ),
  },
  'no HTTP': {
    weight: 4,
    raw: true,
    made: fc.oneof(
      fc
        .uint8Array({ minLength: 1, maxLength: 400 })
        .map((bytes) => Buffer.concat([Buffer.from([0x16]), bytes])),
      printable(200).map((line) => Buffer.from(`\u007f${line}\r\n\r\n`)),
      fc
        .tuple(lineBreaks, fc.constantFrom('\u0000', '\u0001', '\u007f'))
        .map(([lineBreak, control]) =>
          request('POST', '/rides', { ...json, 'x-a': `a${lineBreak}${control}: b` }, valid),
        ),
      upTo(100).map((more) => book(valid, { 'x-long': 'x'.repeat(17_000 + more) })),
      fc
        .constantFrom('-1', '1e3', '0x10', 'x', '18446744073709551616')
        .map((length) =>
          Buffer.from(
            `POST /rides HTTP/1.1\r\nhost: rides\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${valid}`,
          ),
        ),
      fc
        .constantFrom('chunked', 'chunked, identity', 'x')
        .map((coding) => book(valid, { 'transfer-encoding': coding })),
      fc
        .constantFrom('zz\r\n', '-5\r\n', '5;\u0000\r\nabcde', 'ffffffffffffffffff\r\n')
        .map((chunk) =>
          Buffer.from(
            `POST /rides HTTP/1.1\r\nhost: rides\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`,
          ),
        ),
      fc
        .constantFrom('HTTP/9.9', 'HTTP/1.2.3', 'HTP/1.1', '')
        .map((version) => Buffer.from(`GET /rides/x ${version}\r\nhost: rides\r\n\r\n`)),
      upTo(60).map((cut) => book(valid).subarray(0, -cut)),
      fc.constant(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')),
    ),
  },
};

/** Requests of all kinds. The same seed gives the same requests. */
export const attempts: fc.Arbitrary<Attempt> = fc.oneof(
  ...Object.entries(kinds).map(([kind, { weight, made, raw = false }]) => ({
    weight,
    arbitrary: made.map((bytes) => ({ kind, bytes, raw })),
  })),
);

/** Any JSON value. */
function plain(value: unknown): unknown {
  try {
    const made = JSON.parse(JSON.stringify(value) ?? 'null');
    return typeof made === 'string' ? null : made;
  } catch {
    return null;
  }
}
