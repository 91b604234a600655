/** Serves the page, which Vite has built into `dist`: one document for each of its addresses, and the files that it loads. */
import { existsSync, readdirSync } from 'node:fs';
import type { PageLink } from '@rideflow/shared/http/bar.ts';
import { serveFile, serveText } from '@rideflow/shared/http/page.ts';
import type { Express } from 'express';

const dist = new URL('../dist/', import.meta.url);
/** Addresses of the page: the whole, and one ride. */
const shown = ['/', '/rides/:id'];
/** The notes for whoever presents it. */
const notes = '/notes';

/** @param links to the pages of all processes @param students whether it only watches */
export function pageRoutes(app: Express, links: PageLink[], students = false): void {
  const addresses = students ? shown : [...shown, notes];
  if (!existsSync(new URL('index.html', dist))) {
    const text = 'The page is not built yet. `npm run setup` builds it; then start this process again.\n';
    for (const address of addresses) serveText(app, address, 'text/plain; charset=utf-8', text);
    return;
  }
  for (const address of addresses)
    serveFile(app, address, new URL('index.html', dist), {
      PAGES: JSON.stringify(links),
      WATCHES: String(students),
    });
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
    if (/\.(js|css|svg)$/.test(file)) serveFile(app, `/${file}`, new URL(file, dist));
}
