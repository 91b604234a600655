/** One small chart over the last five minutes. Its figures are written beside it, so it says nothing that only eyes can read. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock } from '../format.ts';
import { readColours } from '../map/colours.ts';
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
  dashed?: boolean;
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
      <div ref={box} class="plot" style={{ height: `${height}px` }} aria-hidden="true" />
    </figure>
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
          { ...axis, size: 44, space: 26, incrs: steps },
        ]
      : [{ show: false }, { show: false }],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    series: [
      {},
      ...series.map(({ label, colour, dashed }) => ({
        label,
        width: 1.5,
        points: { show: false },
        stroke:
          colour === undefined
            ? dashed
              ? colours.soft
              : colours.ink
            : (colours.process[colour % 6] ?? colours.ink),
        ...(dashed && { dash: [3, 3] }),
      })),
    ],
  };
}
