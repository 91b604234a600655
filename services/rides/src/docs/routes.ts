/** `/docs`: the interface of rides in a viewer that can try it, and the messages on Kafka as a page to read. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bar, type PageAddresses } from '@rideflow/shared/http/bar.ts';
import { pageOf, securityHeaders } from '@rideflow/shared/http/html.ts';
import { documents, serveFile, serveText } from '@rideflow/shared/http/page.ts';
import type { Express } from 'express';
import { problemsPage } from '../problem-types.ts';
import { messagesPage } from './messages-page.ts';
import { tabs } from './tabs.ts';

/** The viewer has its icons in its style sheet. */
const headers = {
  ...securityHeaders,
  'content-security-policy': securityHeaders['content-security-policy'].replace(
    "img-src 'self'",
    "img-src 'self' data:",
  ),
};
const viewerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'];

export function docsRoutes(app: Express, addresses: PageAddresses): void {
  const links = bar(addresses, 'API');
  const html = (path: string, text: string, more = {}) =>
    serveText(app, path, 'text/html; charset=utf-8', text, more);
  html('/docs', viewerPage(links), headers);
  html('/docs/messages', messagesPage(links));
  html('/problems', problemsPage(links));
  for (const name of ['docs.js', 'docs.css', 'viewer.css'])
    serveFile(app, `/docs/${name}`, new URL(`./${name}`, import.meta.url));
  serveFile(app, '/openapi.json', documents.openApi);
  serveFile(app, '/asyncapi.json', documents.asyncApi);
  // From the disk: they are large, and few people ask for them.
  const viewer = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  for (const name of viewerFiles)
    app.get(`/docs/${name}`, (_request, response) =>
      response.sendFile(name, { root: viewer, headers: securityHeaders }),
    );
}

const viewerPage = (bar: string) =>
  pageOf({
    title: 'API',
    bar,
    end: tabs('/docs'),
    head: `<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/viewer.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/docs.js" type="module"></script>
`,
    content: `<main>
<noscript><p class="notice warn">The viewer needs JavaScript. The document itself is <a href="/openapi.json">/openapi.json</a>.</p></noscript>
<div id="api"></div>
</main>`,
  });
