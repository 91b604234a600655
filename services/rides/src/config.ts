/** What the environment may say to the rides service alone. */
import { bearerToken, wholeNumber } from '@rideflow/shared/config.ts';
import { z } from 'zod';

export const ridesSettings = {
  VIEW_RIDES: wholeNumber(1, 1_000_000)
    .default(50_000)
    .describe('rides that can be asked for, older ones are forgotten; each takes about 0.7 kB of memory'),
  API_TOKEN: bearerToken
    .optional()
    .describe('bearer token that every request to /rides must bring; never logged'),
  RATE_LIMIT: wholeNumber(0, 1_000_000)
    .default(0)
    .describe('requests per second that one client may send to /rides; 0 is no limit'),
  MAILBOX_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('http://localhost:1080')
    .describe('where the page leads to for the mails'),
  ANALYTICS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('http://localhost:4003')
    .describe('where the page leads to for the statistics'),
};
