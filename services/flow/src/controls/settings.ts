/** What the environment may say about the controls. */
import { bearerToken } from '@rideflow/shared/config.ts';
import { httpAddress } from '@rideflow/shared/http/bar.ts';
import { z } from 'zod';

export const controlSettings = {
  TEACHING: z
    .enum(['off', 'on', 'container'])
    .default('off')
    .describe(
      'on: the page can book, break and repair, for callers on this machine; container: the same where this process is in a ' +
        'container whose port is published on the loopback address of its host alone',
    ),
  RIDES_URL: httpAddress.optional().describe('where rides are booked; as in FEEDS unless set'),
  MAILBOX_URL: httpAddress.default('http://localhost:1080').describe('the mailbox, for its faults'),
  API_TOKEN: bearerToken.optional().describe('bearer token that rides wants; never logged'),
};

export type ControlConfig = z.output<z.ZodObject<typeof controlSettings>> & { RIDES_URL: string };
