/**
 * Writes land.js: the land of Natural Earth, 1:110 million, as one SVG path. Generated once and committed, so no service and
 * no browser needs the tools for it.
 *
 *   node shared/src/map/draw-land.ts
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { geoEquirectangular, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

/** The text of land.js. Units are degrees: x is the longitude, y is minus the latitude; see projection.js. */
export function drawLand(): string {
  const atlas: Topology<{ land: GeometryCollection }> = createRequire(import.meta.url)(
    'world-atlas/land-110m.json',
  );
  const projection = geoEquirectangular()
    .scale(180 / Math.PI)
    .translate([0, 0])
    .precision(0);
  const path = geoPath(projection).digits(1)(feature(atlas, atlas.objects.land));
  return `/** Written by draw-land.ts. Natural Earth is in the public domain. */\nexport const land =\n  '${path}';\n`;
}

if (import.meta.main) writeFileSync(new URL('land.js', import.meta.url), drawLand());
