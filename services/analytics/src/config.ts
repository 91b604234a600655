/** What the environment may say to the analytics service alone. */
import { wholeNumber } from '@rideflow/shared/config.ts';
import { z } from 'zod';
import { limits } from './statistics.ts';

export const analyticsSettings = {
  DATABASE: z
    .string()
    .refine((text) => !/^\w+:\/\//.test(text), 'must be the path of a file')
    .default('.rideflow/analytics.sqlite')
    .describe('SQLite file with the statistics and the offsets; delete it to count from the start'),
  PRINT_EVERY: wholeNumber(1, 1_000_000)
    .default(5)
    .describe('rides from one printed line of figures to the next'),
  SEASON_MINUTES: wholeNumber(2, limits.minutes / 3)
    .default(60)
    .describe('length of the season that the forecast looks for, in minutes'),
};
