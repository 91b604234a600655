/** The environment variables of the local mailbox. */
import { httpPort, portNumber } from '@rideflow/shared/config.ts';
import { wholeNumber } from '@rideflow/shared/whole-number.ts';

export const mailboxSettings = {
  SMTP_PORT: portNumber.default(1025).describe('port for SMTP'),
  MAILBOX_PORT: httpPort.default(1080).describe('port of the web page and of GET /email'),
  MAILBOX_KEEP: wholeNumber(1, 100_000)
    .default(5000)
    .describe('number of mails to keep; older ones are deleted'),
};
