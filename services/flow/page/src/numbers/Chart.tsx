/** One small chart over the last five minutes. Its figures are written beside it, so it says nothing that only eyes can read. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock, count } from '../format.ts';
import { processColour, readColours } from '../map/colours.ts';
import { theme } from '../theme.ts';
import type { Columns } from './series.ts';

/** No half rides on an axis. */
const steps = [1, 2, 5]
  .flatMap((n) => [1, 10, 100, 1000, 10_000, 100_000].map((ten) => n * ten))
  .sort((a, b) => a - b);

export interface Series {
  label: string;
  /** `Process.colour` of the group's first process; ink where it is about no process. */
  colour?: number;
  /** Lengths of strokes and gaps, so that lines differ not by colour alone. */
  dash?: number[];
  /** The newest figure. */
  says?: string;
}

interface Props {
  title: string;
  /** The newest figures, in words. */
  says: string;
  data: Columns;
  series: Series[];
  height: number;
  axes?: boolean;
}

export function Chart({ title, says, data, series, height, axes = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = series.map(({ label, colour }) => `${label} ${colour}`).join();

  const build = () => {
    const element = box.current;
    if (!element) return;
    plot.current?.destroy();
    plot.current = new uPlot(options(element, series, height, axes), data as uPlot.AlignedData, element);
  };
  useEffect(build, [shape, height]);
  useSignalEffect(() => {
    if (theme.value) build();
  });
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, []);
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span> <b class="num">{says}</b>
      </figcaption>
      {axes && series.length > 1 && (
        <ul class="key">
          {series.map(({ label, says: newest, colour, dash }) => (
            <li key={label}>
              <svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true">
                <path
                  d="M0 3H22"
                  style={{ stroke: colour === undefined ? 'var(--ink)' : processColour(colour) }}
                  stroke-width="1.8"
                  stroke-dasharray={dash?.join(' ')}
                />
              </svg>
              {label} {newest && <b class="num">{newest}</b>}
            </li>
          ))}
        </ul>
      )}
      <div ref={box} class="plot" style={{ height: `${height}px` }} aria-hidden="true" />
    </figure>
  );
}

/** A value between gaps is no line, and would not be seen. */
function alone(plot: uPlot, series: number): number[] {
  const values: (number | null | undefined)[] = Array.from(plot.data[series] ?? []);
  return values.flatMap((value, i) =>
    value != null && values[i - 1] == null && values[i + 1] == null ? [i] : [],
  );
}

function options(element: HTMLElement, series: Series[], height: number, axes: boolean): uPlot.Options {
  const colours = readColours(document.body);
  const axis = {
    stroke: colours.soft,
    font: '11px system-ui',
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    padding: axes ? [8, 4, 0, 0] : [4, 2, 2, 2],
    cursor: { show: false },
    legend: { show: false },
    axes: axes
      ? [
          { ...axis, size: 22, space: 60, values: (_plot, seconds) => seconds.map((at) => clock(at * 1000)) },
          { ...axis, size: 54, space: 26, incrs: steps, values: (_plot, all) => all.map(count) },
        ]
      : [{ show: false }, { show: false }],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    series: [
      {},
      ...series.map(({ label, colour, dash }) => {
        const stroke = (colour === undefined ? undefined : colours.process[colour % 6]) ?? colours.ink;
        const points = { show: true, size: 4, fill: stroke, filter: alone };
        return { label, width: 1.5, stroke, points, ...(dash && { dash }) };
      }),
    ],
  };
}
