/** What the environment may say to the rides service alone. */
import { bearerToken, wholeNumber } from '@rideflow/shared/config.ts';
import { pageAddress } from '@rideflow/shared/http/bar.ts';

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
  FLOW_URL: pageAddress
    .default('http://localhost:4004')
    .describe('where its pages lead to for the flow page and the mailbox'),
  ANALYTICS_URL: pageAddress
    .default('http://localhost:4003')
    .describe('where its pages lead to for the statistics'),
};
