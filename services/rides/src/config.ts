/** The environment variables of the rides service only. */
import { bearerToken } from '@rideflow/shared/config.ts';
import { wholeNumber } from '@rideflow/shared/whole-number.ts';

export const ridesSettings = {
  VIEW_RIDES: wholeNumber(1, 1_000_000)
    .default(50_000)
    .describe('number of rides in the view; older ones are dropped; each takes about 0.7 kB of memory'),
  API_TOKEN: bearerToken.optional().describe('bearer token that every request to /rides needs; never logged'),
  RATE_LIMIT: wholeNumber(0, 1_000_000)
    .default(0)
    .describe('requests per second that one client may send to /rides; 0 is no limit'),
};
