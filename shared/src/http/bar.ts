/** The bar at the head of every page: the same links in the same order, so that each page leads to all others. */
import { z } from 'zod';
import type { CommonConfig } from '../config.ts';
import type { ServiceName } from '../topology.ts';
import { escapeHtml } from './html.ts';

/** Where a browser reaches the pages of another process, without a slash at the end. */
export const pageAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''));

/** The processes that have pages, each by its address without a slash at the end; empty for the one that serves the bar. */
export interface PageAddresses {
  flow: string;
  rides: string;
  analytics: string;
}

/** The addresses for the pages of one process. */
export const addressesOf = (name: ServiceName, config: CommonConfig): PageAddresses => ({
  flow: config.FLOW_URL,
  rides: config.PUBLIC_RIDES_URL,
  analytics: config.ANALYTICS_URL,
  [name]: '',
});

export interface PageLink {
  name: 'Flow' | 'Rides' | 'Statistics' | 'Mailbox' | 'API';
  href: string;
}

export const pageLinks = ({ flow, rides, analytics }: PageAddresses): PageLink[] => [
  { name: 'Flow', href: `${flow}/` },
  { name: 'Rides', href: `${rides}/` },
  { name: 'Statistics', href: `${analytics}/` },
  { name: 'Mailbox', href: `${flow}/mailbox` },
  { name: 'API', href: `${rides}/docs` },
];

/** The bar as HTML. `here` is the page that it stands on, undefined where that is none of them. */
export function bar(addresses: PageAddresses, here?: PageLink['name']): string {
  const links = pageLinks(addresses).map(
    ({ name, href }) =>
      `<a href="${escapeHtml(href)}"${name === here ? ' aria-current="page"' : ''}>${name}</a>`,
  );
  return `<nav class="pages" aria-label="Pages of rideflow">${links.join('')}</nav>`;
}
