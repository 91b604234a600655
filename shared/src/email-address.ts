/**
 * E-mail addresses: what both RFC 5321 (dot-atom) and HTML's `<input type="email">` accept, except for `=?`. An
 * internationalized domain, such as `пример.рф`, is accepted in requests and converted to ASCII (Punycode, RFC 5891), which
 * every mail server understands.
 */
import { domainToASCII } from 'node:url';

/** In characters (RFC 5321, erratum 1690). */
export const longestAddress = 254;

const letter = String.raw`[A-Za-z0-9!#$%&'*+/^_{|}~\x60-]`; // and `=` and `?`
/**
 * Without `=?`: mail clients take it for the start of an encoded word (RFC 2047), which can hide a line break or an address.
 */
const atom = String.raw`(?:\?+(?:=*${letter}\?*)*=*|(?:=*${letter}\?*)+=*|=+)`;
const local = String.raw`${atom}(?:\.${atom})*`;
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const domain = String.raw`${label}(?:\.${label})*`;
/** Letters of any script, but no ASCII punctuation. Checked before domainToASCII, which parses its input like a URL. */
const anyLabel = String.raw`[^\x00-,./:-@\[-\x60{-\x7f]+`;
const anyDomain = String.raw`${anyLabel}(?:\.${anyLabel})*`;

/** An address in ASCII, as in messages. Without lookahead, because regular expressions in Go have none. */
export const asciiAddress = new RegExp(`^${local}@${domain}$`);
/** An address in a request. Its domain may be internationalized. */
export const anyAddress = new RegExp(`^${local}@${anyDomain}$`);

export const isAddress = (text: string) => text.length <= longestAddress && asciiAddress.test(text);

const ownScript = /[^\0-\x7f]/;
const asciiDomain = new RegExp(`^${domain}$`);
const domainOfAnyScript = new RegExp(`^${anyDomain}$`);

/** The domain in ASCII, or null if it is not a domain name. */
export function toAsciiDomain(text: string): string | null {
  if (text.length > longestAddress) return null; // Punycode takes quadratic time
  const ascii = ownScript.test(text) && domainOfAnyScript.test(text) ? domainToASCII(text) : text;
  return asciiDomain.test(ascii) ? ascii : null;
}

/** The address with its domain in ASCII. Returns anything else unchanged, and the schema then rejects it. */
export function toAsciiAddress(text: string): string {
  if (!ownScript.test(text) || !anyAddress.test(text)) return text;
  const at = text.indexOf('@') + 1;
  return text.slice(0, at) + (toAsciiDomain(text.slice(at)) ?? text.slice(at));
}

/** Says what is accepted, and why this address is not. */
export function whyNoAddress(text: string): string {
  return `must be an e-mail address such as user_1@example.com: ${reason(text)}`;
}

function reason(text: string): string {
  const [name = '', host = '', ...more] = text.split('@');
  if (more.length > 0) return 'it has more than one @';
  if (!text.includes('@')) return 'it has no @';
  if (name === '') return 'there is nothing before the @';
  if (host === '') return 'there is nothing after the @';
  const sign = /[^A-Za-z0-9!#$%&'*+/=?^_{|}~`.-]/u.exec(name)?.[0];
  if (sign !== undefined && ownScript.test(sign))
    return `${shown(sign)} is not allowed before the @, because only ASCII letters, digits and signs reach every mail server`;
  if (sign !== undefined) return `${shown(sign)} is not allowed before the @`;
  if (name.includes('=?')) return '=? before the @ would start an encoded word in the header of the mail';
  if (/^\.|\.\.|\.$/.test(name)) return 'a dot before the @ must be between two other characters';
  if (text.length > longestAddress) return tooLong;
  if (toAsciiDomain(host) === null) return `${shown(host)} after the @ is not a domain name`;
  return `${tooLong} with its domain in ASCII`;
}

const tooLong = `it has more than ${longestAddress} characters`;

/** As JSON, so it contains no line break, and shortened to a readable length. */
const shown = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
