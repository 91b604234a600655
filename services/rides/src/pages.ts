/** The page at `/`, what it is made of, and the documents that describe the interface. */
import { bar, type PageAddresses } from '@rideflow/shared/http/bar.ts';
import { documents, serveFile, serveText } from '@rideflow/shared/http/page.ts';
import { serveMap } from '@rideflow/shared/map/serve.ts';
import type { Express } from 'express';
import { problemsPage } from './problem-types.ts';

const file = (name: string) => new URL(`./page/${name}`, import.meta.url);

/** What a browser can open. */
export const paths = {
  '/': 'book a ride',
  '/rides': 'the newest rides, as JSON',
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
  serveFile(app, '/openapi.json', documents.openApi);
  serveFile(app, '/asyncapi.json', documents.asyncApi);
  serveText(app, '/problems', 'text/html; charset=utf-8', problemsPage(bar(addresses, 'API')));
}
