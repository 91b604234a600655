/** The map: stations and lanes, drawn on one canvas, with names, numbers and the keyboard in the document. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Group, Lane, View } from '../../../src/protocol.ts';
import { placeOf } from '../coordinates.ts';
import { Captions } from '../first-visit/Captions.tsx';
import { isFirstVisit } from '../first-visit/first-visit.ts';
import { reached } from '../play/play.ts';
import { Token } from '../play/Token.tsx';
import { links, ringed } from '../ride/choice.ts';
import { theme } from '../theme.ts';
import { endOf, lanesInSight, scrollTo, wanted } from '../time/scroll.ts';
import { past } from '../time/shown.ts';
import { Bin } from './Bin.tsx';
import { MapCanvas } from './canvas.ts';
import { HoldNotes } from './HoldNotes.tsx';
import { LaneControl } from './LaneControl.tsx';
import { Legend } from './Legend.tsx';
import { type LaneRow, layOut, type MapLayout } from './layout.ts';
import { pointed } from './pointer.ts';
import { Station } from './Station.tsx';
import { TopicHeading } from './TopicHeading.tsx';

export function FlowMap({ view }: { view: View }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<MapCanvas | null>(null);
  const size = useSize(box);
  const lanes = lanesInSight.value;
  const frozen = past.value !== null;
  const { layout, crammed } = useMemo(() => fit(lanes, view.groups, size), [lanes, view.groups, size]);
  const [scales, setScales] = useState<Map<string, number>>(new Map());

  useLayoutEffect(() => {
    if (!layout || !canvas.current) return;
    if (!drawing.current) {
      drawing.current = new MapCanvas(canvas.current);
      drawing.current.mark(ringed.peek(), links.peek(), null); // what was chosen before there was a canvas
    }
    const next = drawing.current.show(layout, view, frozen);
    if ([...next].some(([topic, n]) => n !== scales.get(topic))) setScales(next);
  }, [layout, view, frozen]);
  useEffect(() => () => drawing.current?.stop(), []);
  useSignalEffect(() => {
    const on = pointed.value;
    // All are read before the question whether there is a canvas yet: only what is read is followed.
    const [rings, lines, come] = [ringed.value, links.value, reached.value];
    drawing.current?.mark(
      come ? new Set([...rings].filter((name) => come.has(name))) : rings,
      come ? lines.filter(({ to }) => come.has(to)) : lines,
      on && `${on.lane}/${on.offset}`,
    );
  });
  useSignalEffect(() => {
    if (theme.value) drawing.current?.recolour();
  });

  const show = wanted.value;
  useEffect(() => {
    if (!show || !layout) return;
    wanted.value = null;
    bringIntoSight(layout, scales, show);
  }, [show, layout]);

  return (
    <section class="map" aria-label="The flow of rides" ref={box}>
      {layout && (
        <div class={`plan ${layout.narrow ? 'narrow' : ''}`} style={{ height: `${layout.height}px` }}>
          <canvas ref={canvas} />
          {layout.rows.map((row) => {
            const place = { top: `${row.y}px`, height: `${row.height}px` };
            const key = `${row.kind} ${row.name}`;
            if (row.kind === 'station')
              return <Station key={key} service={row.name} view={view} layout={layout} place={place} />;
            if (row.kind === 'topic')
              return (
                <TopicHeading
                  key={key}
                  topic={row.name}
                  n={scales.get(row.name) ?? 1}
                  place={place}
                  layout={layout}
                  partitions={layout.lanes.filter(({ lane }) => lane.topic === row.name).length}
                  more={layout.lanes.some(
                    ({ lane }) => lane.topic === row.name && lane.end - lane.start > layout.slots,
                  )}
                />
              );
            if (row.kind === 'bin') return <Bin key={key} view={view} layout={layout} place={place} />;
            const laneRow = row as LaneRow;
            const motion = drawing.current?.motion;
            return (
              <LaneControl
                key={key}
                row={laneRow}
                layout={layout}
                place={place}
                processes={view.processes}
                n={scales.get(laneRow.lane.topic) ?? 1}
                endNow={() => motion?.of(laneRow).end.value ?? laneRow.end}
              />
            );
          })}
          <Token layout={layout} scales={scales} />
          <HoldNotes view={view} layout={layout} scales={scales} />
          {isFirstVisit(view.lanes) && <Captions layout={layout} />}
        </div>
      )}
      <Legend crowded={[...scales.values()].some((n) => n > 1)} hidden={crammed} />
    </section>
  );
}

/** Scrolls the lane of a message, where it is not in sight. */
function bringIntoSight(layout: MapLayout, scales: Map<string, number>, coordinates: string): void {
  const place = placeOf(coordinates);
  const row = layout.lanes.find(
    ({ lane }) => lane.topic === place?.topic && lane.partition === place.partition,
  );
  if (!place || !row) return;
  const size = layout.slots * (scales.get(place.topic) ?? 1);
  const isInSight = place.offset >= row.end - size && place.offset < row.end;
  if (!isInSight) scrollTo(row.lane, place.offset + size / 2, size);
}

const oneColumn = matchMedia('(max-width: 860px)');

/** The legend gives way where everything else fits without it. */
function fit(lanes: Lane[], groups: Group[], size: Size | null) {
  if (!size) return { layout: null, crammed: false };
  const { width, height, legend, unit } = size;
  const within = (room: number | null) => layOut(lanes, groups, width, room, unit, endOf);
  const layout = within(height === null ? null : height - legend);
  if (height === null || layout.height <= height - legend + 1) return { layout, crammed: false };
  const alone = within(height);
  return alone.height <= height + 1 ? { layout: alone, crammed: true } : { layout, crammed: false };
}

interface Size {
  width: number;
  /** null: the page scrolls as a whole. */
  height: number | null;
  /** What of the height the legend takes. */
  legend: number;
  /** The size of text, as a multiple of the usual one. */
  unit: number;
}

/** Of an element, kept up to date. */
function useSize(box: { current: HTMLElement | null }): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const style = getComputedStyle(element);
      const across = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
      const unit = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 13;
      setSize({
        width: element.clientWidth - across,
        height: oneColumn.matches ? null : element.clientHeight - 2 - Number.parseFloat(style.paddingTop),
        legend: Math.ceil((element.querySelector('.legend') as HTMLElement).getBoundingClientRect().height),
        unit,
      });
    });
    observer.observe(element);
    observer.observe(element.querySelector('.legend') as HTMLElement);
    return () => observer.disconnect();
  }, []);
  return size;
}
