/** What the environment may say to the rides service alone. */
import { bearerToken, wholeNumber } from '@rideflow/shared/config.ts';

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
};
