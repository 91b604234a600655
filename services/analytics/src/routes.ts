/** The HTTP routes: the figures, and the page that shows them. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bar, type PageAddresses } from '@rideflow/shared/http/bar.ts';
import { serveFile } from '@rideflow/shared/http/page.ts';
import { onlyMethods, Problem } from '@rideflow/shared/http/problem.ts';
import { serveMap } from '@rideflow/shared/map/serve.ts';
import type { Express, Request } from 'express';
import { cells } from './cells.ts';
import { defaultReport, largestReport, report } from './report.ts';
import { areaResolution } from './ride.ts';
import type { Store } from './store.ts';

/** What a browser can open. */
export const paths = {
  '/': 'the statistics',
  '/stats': 'the same figures, as JSON',
  '/cells': 'the rides of each area, as JSON',
};

/** Mounts `/stats`, `/cells` and the page at `/`. */
export function mountRoutes(app: Express, store: Store, now: () => number, pages: PageAddresses): void {
  app
    .route('/stats')
    .get((request, response) => {
      const options = numbers(request, defaultReport, 1, largestReport);
      response.set('cache-control', 'no-store').json(report(store, options, now()));
    })
    .all(onlyMethods('GET'));
  app
    .route('/cells')
    .get((request, response) => {
      const finest = { resolution: areaResolution };
      const { resolution } = numbers(request, finest, 0, finest);
      response.set('cache-control', 'no-store').json(cells(store.statistics, resolution));
    })
    .all(onlyMethods('GET'));
  serveFile(app, '/', new URL('index.html', page), {
    BAR: bar(pages, 'Statistics'),
    RIDES: pages.rides,
  });
  serveMap(app);
  serveFile(app, '/uplot.js', uPlot('uPlot.esm.js'));
  serveFile(app, '/uplot.css', uPlot('uPlot.min.css'));
  for (const name of readdirSync(page))
    if (name !== 'index.html') serveFile(app, `/${name}`, new URL(name, page));
}

/** From the package, wherever npm has put it. */
const uPlot = (name: string) => pathToFileURL(createRequire(import.meta.url).resolve(`uplot/dist/${name}`));
const page = new URL('./page/', import.meta.url);

/**
 * Parses the query. Each parameter is an optional whole number.
 * @throws Problem with each wrong parameter
 */
function numbers<Name extends string>(
  { query }: Request,
  defaults: Record<Name, number>,
  least: number,
  largest: Record<Name, number>,
): Record<Name, number> {
  const isName = (name: string): name is Name => Object.hasOwn(defaults, name);
  const options = { ...defaults };
  const errors = Object.entries(query).flatMap(([name, text]) => {
    if (!isName(name))
      return {
        parameter: name,
        detail: `is not a known parameter; accepted: ${Object.keys(defaults).join(', ')}`,
      };
    const value = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : -1;
    const most = largest[name];
    options[name] = value;
    if (value >= least && value <= most) return [];
    return { parameter: name, detail: `must be a whole number from ${least} to ${most}` };
  });
  if (errors.length > 0) throw new Problem(400, 'The query has wrong parameters.', { errors });
  return options;
}
