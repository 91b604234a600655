/** What a browser or a script can ask: the figures, and the page that shows them. */
import { bar, type PageAddresses } from '@rideflow/shared/http/bar.ts';
import { serveFile, styleSheet } from '@rideflow/shared/http/page.ts';
import { onlyMethods, Problem, problems } from '@rideflow/shared/http/problem.ts';
import type { Logger } from '@rideflow/shared/log.ts';
import type { Express, Request } from 'express';
import { defaultReport, largestReport, type ReportOptions, report } from './report.ts';
import type { Store } from './store.ts';

/** Mounts `/stats`, the page at `/`, and a problem (RFC 9457) for everything else; so it comes after all other routes. */
export function mountRoutes(
  app: Express,
  store: Store,
  log: Logger,
  now: () => number,
  pages: Omit<PageAddresses, 'analytics'>,
): void {
  app
    .route('/stats')
    .get((request, response) => {
      response.set('cache-control', 'no-store').json(report(store, reportOptions(request), now()));
    })
    .all(onlyMethods('GET'));
  serveFile(app, '/', pageFile('index.html'), { BAR: bar({ ...pages, analytics: '' }, 'Statistics') });
  serveFile(app, '/style.css', styleSheet);
  for (const name of ['page.css', 'page.js', 'figures.js', 'chart.js', 'icon.svg'])
    serveFile(app, `/${name}`, pageFile(name));
  app.use(problems(log, 'Accepted are GET /, /stats, /metrics, /healthz and /readyz.'));
}

const pageFile = (name: string) => new URL(`./page/${name}`, import.meta.url);

/** `?minutes=`, `?hours=` and `?top=`: how much of the statistics is wanted. */
function reportOptions({ query }: Request): ReportOptions {
  const options = { ...defaultReport };
  const errors = Object.entries(query).flatMap(([name, text]) => {
    if (!isOption(name)) return { parameter: name, detail: 'is not known here; minutes, hours and top are' };
    const value = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0;
    options[name] = value;
    if (value >= 1 && value <= largestReport[name]) return [];
    return { parameter: name, detail: `must be a whole number from 1 to ${largestReport[name]}` };
  });
  if (errors.length > 0) throw new Problem(400, 'The query is not one that can be answered.', { errors });
  return options;
}

const isOption = (name: string): name is keyof ReportOptions => Object.hasOwn(defaultReport, name);
