/**
 * Composes a mail as one string (RFC 5322, RFC 2045). With CRLF for each LF, it is, byte for byte, the mail that
 * nodemailer's composer streams, without the tree of objects and the dozen chunks. nodemailer still encodes header values and
 * contents.
 */
import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { foldLines, hasLongerLines, isPlainText } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { encode as encodeQuoted, wrap as wrapQuoted } from 'nodemailer/lib/qp';
import type { Mail } from './mail.ts';

/** Only encodes values, and is never sent. */
const encoder = new MimeNode();

/**
 * Lines may end with a bare LF: nodemailer's connection makes it a CRLF, and escapes dots.
 * @param boundary between the parts: must not occur in them, so a writer of rides must not be able to guess it
 */
export function compose(mail: Mail, boundary: string): string {
  return [
    ...Object.entries(mail.headers).map(([name, value]) => header(name, value)),
    header('From', mail.from),
    header('To', mail.to),
    header('Subject', mail.subject),
    header('Message-ID', mail.messageId),
    header('Date', mail.date),
    'MIME-Version: 1.0\r\n',
    header('Content-Type', `multipart/alternative; boundary="${boundary}"`),
    part(boundary, 'text/plain', mail.text),
    part(boundary, 'text/html', mail.html),
    `\r\n--${boundary}--\r\n`,
  ].join('');
}

/** Without a value there is no header. */
function header(name: string, value: Parameters<MimeNode['encodeHeaderValue']>[1]): string {
  const encoded = encoder.encodeHeaderValue(name, value);
  return encoded.trim() && `${foldLines(`${name}: ${encoded}`, 76)}\r\n`;
}

function part(boundary: string, type: string, content: string): string {
  const [encoding, encoded] = encode(content);
  return `\r\n--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${encoded}`;
}

function encode(content: string): [encoding: string, encoded: string] {
  if (isPlainText(content) && !hasLongerLines(content, 76)) return ['7bit', content];
  const encoding = new MimeNode('text/plain').setContent(content).getTransferEncoding();
  if (encoding === 'base64') return [encoding, wrapBase64(encodeBase64(content))];
  return ['quoted-printable', wrapQuoted(encodeQuoted(content))];
}
