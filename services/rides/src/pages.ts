/** The page at `/` and what it is made of; the pages about the interfaces are in docs/. */
import { bar, type PageAddresses } from '@rideflow/shared/http/bar.ts';
import { serveFile } from '@rideflow/shared/http/page.ts';
import { serveMap } from '@rideflow/shared/map/serve.ts';
import type { Express } from 'express';
import { docsRoutes } from './docs/routes.ts';

const file = (name: string) => new URL(`./page/${name}`, import.meta.url);

/** What a browser can open. */
export const paths = {
  '/': 'book a ride',
  '/rides': 'the newest rides, as JSON',
  '/docs': 'the API, to read and to try',
  '/docs/messages': 'the messages on Kafka',
  '/problems': 'what can go wrong with a request',
  '/openapi.json': 'the interface of this service, OpenAPI 3.1',
  '/asyncapi.json': 'the messages on Kafka, AsyncAPI 3.0',
};

/** @param addresses where the pages of all processes are */
export function pageRoutes(app: Express, addresses: PageAddresses, emailDomain: string): void {
  serveFile(app, '/', file('index.html'), { BAR: bar(addresses, 'Rides'), EMAIL_DOMAIN: emailDomain });
  for (const name of ['page.js', 'form.js', 'pin.js', 'show.js', 'page.css'])
    serveFile(app, `/${name}`, file(name));
  serveMap(app);
  docsRoutes(app, addresses);
}
