/** The answer of `GET /cells`: where rides are requested, for a map. */
import { cellToBoundary, cellToLatLng, cellToParent, getHexagonAreaAvg } from 'h3-js';
import { areaResolution } from './ride.ts';
import { others, type Statistics } from './statistics.ts';
import { type Figures, round, sumOf, type Tally, toFigures } from './tally.ts';

export interface Cells {
  resolution: number;
  /** The average size of a cell of this resolution. */
  square_kilometres: number;
  cells: Cell[];
  /** Rides outside the cells, because the number of areas is limited. */
  others: Figures;
}
/** One H3 cell with its centre and its corners in degrees; a corner is [latitude, longitude]. */
export type Cell = { cell: string; lat: number; long: number; corners: [number, number][] } & Figures;

/**
 * All areas, combined into cells of a coarser resolution, sorted by rides.
 * @param resolution 0 to `areaResolution`
 */
export function cells({ areas }: Statistics, resolution: number): Cells {
  const parents = new Map<string, Tally[]>();
  for (const [area, tally] of areas) {
    if (area === others) continue;
    const cell = resolution === areaResolution ? area : cellToParent(area, resolution);
    const tallies = parents.get(cell);
    if (tallies) tallies.push(tally);
    else parents.set(cell, [tally]);
  }
  const other = areas.get(others);
  return {
    resolution,
    square_kilometres: round(getHexagonAreaAvg(resolution, 'km2'), 1),
    cells: [...parents]
      .map(([cell, tallies]) => ({
        cell,
        ...centre(cell),
        corners: corners(cell),
        ...toFigures(sumOf(tallies)),
      }))
      .sort((a, b) => b.rides - a.rides || (a.cell < b.cell ? -1 : 1)),
    others: toFigures(sumOf(other ? [other] : [])),
  };
}

/** In degrees, rounded to about a metre. */
export function centre(cell: string): { lat: number; long: number } {
  const [lat, long] = cellToLatLng(cell);
  return { lat: round(lat, 5), long: round(long, 5) };
}

const corners = (cell: string) =>
  cellToBoundary(cell).map(([lat, long]): [number, number] => [round(lat, 5), round(long, 5)]);
