/** The environment variables of the email service only. */

import { isAddress, toAsciiAddress, whyNoAddress } from '@rideflow/shared/email-address.ts';
import { wholeNumber } from '@rideflow/shared/whole-number.ts';
import addressParser from 'nodemailer/lib/addressparser';
import { z } from 'zod';

const accepted =
  'must be smtp://host:port or smtps://host:port, with user:password@ before the host if the server requires a login';

const smtpUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '';
}, accepted);

const sender = z.string().transform((text, context) => {
  const [parsed, ...others] = addressParser(text, { flatten: true });
  const given = parsed?.address ?? '';
  const address = toAsciiAddress(given);
  const one = others.length === 0 && given !== '' && !/\p{Cc}/u.test(text);
  if (!one || !isAddress(address)) {
    const accepted = 'must be one address, such as Rideflow <rides@rideflow.example>';
    context.addIssue(one ? `${accepted}; ${given} ${whyNoAddress(given)}` : accepted);
    return z.NEVER;
  }
  return { name: parsed?.name ?? '', address };
});

export const mailSettings = {
  SMTP_URL: smtpUrl.default('smtp://localhost:1025').describe('mail server for the mails'),
  SMTP_CONNECTIONS: wholeNumber(1, 1000)
    .default(10)
    .describe('maximum number of simultaneous connections, shared among the partitions'),
  MAIL_FROM: sender
    .default({ name: 'Rideflow', address: 'rides@rideflow.example' })
    .describe('sender of the mails'),
};
