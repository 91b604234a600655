/** What the environment may say about the observer; of the controls see controls/settings.ts. */
import { httpAddress, pageAddress } from '@rideflow/shared/http/bar.ts';
import { wholeNumber } from '@rideflow/shared/whole-number.ts';
import { z } from 'zod';
import type { Source } from './observe/feeds.ts';

const accepted = 'must be service=http://host:port, several separated by commas';
const ports = { rides: 4000, transaction: 4001, email: 4002, analytics: 4003 };

export const observerSettings = {
  FEEDS: z
    .string()
    .regex(/^[a-z-]+=https?:\/\/[^,\s]+(,[a-z-]+=https?:\/\/[^,\s]+)*$/, accepted)
    .transform((text) => text.split(',').map(sourceOf))
    .default(Object.entries(ports).map(([service, port]) => ({ service, url: `http://localhost:${port}` })))
    .describe('operations ports whose live feeds are read; a host name may stand for several containers'),
  HISTORY: wholeNumber(1, 1_000_000)
    .default(20_000)
    .describe(
      'rides per partition that are counted at a start; what is older is left out, and the page says so',
    ),
  RECENT: wholeNumber(100, 1_000_000)
    .default(8_000)
    .describe('messages that can be looked at on the page; each takes about 1.5 kB of memory'),
  PUBLIC_URL: httpAddress.optional().describe('address of the page as a person reaches it, for the log'),
  SHARE: z
    .string()
    .regex(
      /^http:\/\/(\d+(\.\d+){3}|\[[\da-f:.]+\]):\d+$/i,
      'must be http://address:port, with an IP address of this machine',
    )
    .transform((text) => new URL(text))
    .refine(({ port }) => port !== '', 'must have a port other than 80')
    .optional()
    .describe('where the page is open for students, who can only watch; by default nowhere'),
  TRACE_URL: httpAddress
    .optional()
    .describe(
      'a trace in the tracing tool, as a browser reaches it; its id replaces {traceId} or is appended; by default no links',
    ),
  PUBLIC_MAILBOX_URL: pageAddress
    .optional()
    .describe('where the mailbox is for a browser; MAILBOX_URL unless a person reaches it elsewhere'),
};

/** Where the others are is said once: what was not set follows from what says the same. */
export function withAddresses<C extends Addresses>(config: C) {
  return {
    ...config,
    RIDES_URL:
      config.RIDES_URL ??
      config.FEEDS.find(({ service }) => service === 'rides')?.url ??
      `http://localhost:${ports.rides}`,
    PUBLIC_MAILBOX_URL: config.PUBLIC_MAILBOX_URL ?? config.MAILBOX_URL,
  };
}

interface Addresses {
  FEEDS: Source[];
  RIDES_URL?: string | undefined;
  MAILBOX_URL: string;
  PUBLIC_MAILBOX_URL?: string | undefined;
}

function sourceOf(text: string): Source {
  const [service = '', ...url] = text.split('=');
  return { service, url: url.join('=').replace(/\/$/, '') };
}
