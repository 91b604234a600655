/** The bar at the top of every page: the same links in the same order, so each page links to all others. */
import { z } from 'zod';
import type { CommonConfig } from '../config.ts';
import type { ServiceName } from '../topology.ts';
import { escapeHtml } from './html.ts';

export const httpAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** The address of the pages of another process in a browser, without a trailing slash. */
export const pageAddress = httpAddress.transform((url) => url.replace(/\/+$/, ''));

/** The processes with pages, each with its address without a trailing slash; empty for the process that serves the bar. */
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

/** The bar as HTML. `here` is the current page; undefined if it is not one of the links. */
export function bar(addresses: PageAddresses, here?: PageLink['name']): string {
  const links = pageLinks(addresses).map(
    ({ name, href }) =>
      `<a href="${escapeHtml(href)}"${name === here ? ' aria-current="page"' : ''}>${name}</a>`,
  );
  return `<nav class="pages" aria-label="Pages of rideflow">${links.join('')}</nav>`;
}
