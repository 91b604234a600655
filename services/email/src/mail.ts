/** Turns a decided ride into a mail. A pure function, so a repeated mail is identical. */
import { escapeHtml } from '@rideflow/shared/http/html.ts';
import { mailIdentity } from '@rideflow/shared/mail-identity.ts';
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import { parseTraceparent } from '@rideflow/shared/tracing/trace-context.ts';

export interface Address {
  name: string;
  address: string;
}

/** One mail to one recipient, with the field names of nodemailer. */
export interface Mail {
  from: Address;
  to: Address;
  subject: string;
  text: string;
  html: string;
  date: Date;
  messageId: string;
  headers: Record<string, string>;
}

/**
 * The mail that tells a customer the decision about a ride. The same message gives the same Message-ID and Date, so a mailbox
 * can recognise a repeat.
 * @param identity identity of the decision; any text
 * @param traceparent trace context of the decision; any text
 */
export function mailFor(ride: RideConfirmed, identity: string, from: Address, traceparent?: string): Mail {
  const { subject, sentence, rows } = ride.status === 'confirmed' ? confirmation(ride) : rejection(ride);
  const facts: [string, string][] = [
    ...rows,
    ['Place', ride.location ? `${degrees(ride.location.lat)}, ${degrees(ride.location.long)}` : 'not given'],
    ['Requested', utc(ride.requested_at)],
    ['Ride', oneLine(ride.id)],
  ];
  return {
    from,
    to: { name: '', address: ride.customer_email },
    subject,
    text: asText(ride.customer_id, sentence, facts),
    html: asHtml(ride.customer_id, subject, sentence, facts),
    date: new Date(ride.decided_at),
    messageId: messageId(identity, from),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834: automatic responders do not answer it
      'X-Ride-ID': oneLine(ride.id),
      ...(traceparent !== undefined && parseTraceparent(traceparent) && { Traceparent: traceparent }),
    },
  };
}

/** RFC 5322 msg-id. */
export function messageId(identity: string, from: Address): string {
  return `<${mailIdentity(identity)}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`;
}

function confirmation(ride: RideConfirmed) {
  const driver = oneLine(ride.alloted_driver ?? 'Your driver');
  const pickup = minutes(ride.pickup_minutes);
  const rows: [string, string][] = [
    ['Driver', driver],
    ['Pickup', pickup],
  ];
  return {
    subject: `Your ride is confirmed: ${driver}, ${pickup}`,
    sentence: `your ride is confirmed. ${driver} picks you up ${pickup}.`,
    rows,
  };
}

function rejection(ride: RideConfirmed) {
  const reason = oneLine(ride.reason ?? 'no reason given');
  const rows: [string, string][] = [
    ['Reason', reason],
    ['Payment', ride.payment_status],
  ];
  return {
    subject: 'Your ride could not be confirmed',
    sentence: `we are sorry, your ride could not be confirmed: ${reason}.`,
    rows,
  };
}

const minutes = (n: number | null) =>
  n === null ? 'soon' : n === 0 ? 'now' : n === 1 ? 'in 1 minute' : `in ${n} minutes`;

/** Rounded to 10 centimetres, and never as `1e-7`. */
const degrees = (n: number) => String(Number(n.toFixed(6)) || 0);

/** `2026-01-01 12:00 UTC` */
const utc = (time: string) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Without control characters and line breaks, so text from a foreign writer cannot add a header or forge a line. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ').trim();

function asText(customer: string, sentence: string, facts: [string, string][]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const lines = facts.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`);
  return [`Hello ${oneLine(customer)},`, '', sentence, '', ...lines, ''].join('\n');
}

function asHtml(customer: string, title: string, sentence: string, facts: [string, string][]): string {
  const rows = facts.map(
    ([name, value]) => `<tr><th align="left">${escapeHtml(name)}</th>\n<td>${escapeHtml(value)}</td></tr>`,
  );
  // Lines of at most 76 characters if possible, because such a mail needs no encoding.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
</head>
<body style="font-family: sans-serif; line-height: 1.5">
<p>Hello ${escapeHtml(oneLine(customer))},</p>
<p>${escapeHtml(sentence)}</p>
<table cellpadding="4">
${rows.join('\n')}
</table>
</body>
</html>
`;
}
