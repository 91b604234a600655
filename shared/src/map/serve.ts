/** Serves the files of the map for a page that shows one: `/map/map.js` and `/map/map.css` load the rest. */
import type { Express } from 'express';
import { serveFile } from '../http/page.ts';

export function serveMap(app: Express): void {
  for (const name of ['map.js', 'map.css', 'projection.js', 'outline.js', 'land.js'])
    serveFile(app, `/map/${name}`, new URL(`./${name}`, import.meta.url));
}
