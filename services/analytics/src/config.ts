/** The environment variables of the analytics service only. */
import { wholeNumber } from '@rideflow/shared/whole-number.ts';
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
    .describe('number of rides between two printed lines of figures'),
  SEASON_MINUTES: wholeNumber(2, limits.minutes / 3)
    .default(60)
    .describe('season length of the forecast, in minutes'),
};
