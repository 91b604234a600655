/** What the environment may say to the local mailbox. */
import { httpPort, portNumber, wholeNumber } from '@rideflow/shared/config.ts';

export const mailboxSettings = {
  SMTP_PORT: portNumber.default(1025).describe('port that takes the mails'),
  MAILBOX_PORT: httpPort.default(1080).describe('port of the web page and of GET /email'),
  MAILBOX_KEEP: wholeNumber(1, 100_000).default(5000).describe('mails that are kept; older ones are deleted'),
};
