/** The page at `/`, what it is made of, and the documents that describe the interface. */
import { bar, type PageLink } from '@rideflow/shared/http/bar.ts';
import { documents, serveFile, serveText, styleSheet } from '@rideflow/shared/http/page.ts';
import { serveMap } from '@rideflow/shared/map/serve.ts';
import type { Express } from 'express';
import { problemsPage } from './problem-types.ts';

const file = (name: string) => new URL(`./page/${name}`, import.meta.url);

interface PageValues {
  FLOW_URL: string;
  ANALYTICS_URL: string;
  EMAIL_DOMAIN: string;
}

export function pageRoutes(app: Express, { FLOW_URL, ANALYTICS_URL, EMAIL_DOMAIN }: PageValues): void {
  const barAt = (here?: PageLink['name']) =>
    bar({ flow: FLOW_URL, rides: '', analytics: ANALYTICS_URL }, here);
  serveFile(app, '/', file('index.html'), { BAR: barAt('Rides'), EMAIL_DOMAIN });
  for (const name of ['page.js', 'form.js', 'pin.js', 'show.js', 'page.css', 'icon.svg'])
    serveFile(app, `/${name}`, file(name));
  serveFile(app, '/style.css', styleSheet);
  serveMap(app);
  serveFile(app, '/openapi.json', documents.openApi);
  serveFile(app, '/asyncapi.json', documents.asyncApi);
  serveText(app, '/problems', 'text/html; charset=utf-8', problemsPage(barAt('API')));
}
