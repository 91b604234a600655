/** The canvas of the map: draws a frame when something changed, and goes on only as long as something moves. */
import type { View } from '../../../src/protocol.ts';
import { Changes } from './changes.ts';
import { type Colours, readColours } from './colours.ts';
import { drawLanes } from './draw.ts';
import { drawFalls, drawLinks } from './draw-link.ts';
import type { MapLayout } from './layout.ts';
import { Motion } from './motion.ts';

const still = matchMedia('(prefers-reduced-motion: reduce)');

export class MapCanvas {
  readonly motion = new Motion();
  private readonly changes = new Changes();
  private readonly canvas: HTMLCanvasElement;
  private colours: Colours;
  private layout: MapLayout | null = null;
  private view: View | null = null;
  private ringed = new Set<string>();
  private links: { from: string; to: string }[] = [];
  private hovered: string | null = null;
  private frame = 0;
  private last = 0;
  private crowded = false;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.colours = readColours(document.body);
  }

  /** @param frozen the view is one of the past @returns how many offsets one mark stands for, by topic */
  show(layout: MapLayout, view: View, frozen: boolean): Map<string, number> {
    this.layout = layout;
    this.view = view;
    const now = performance.now();
    this.motion.see(layout, now, frozen);
    this.changes.see(view.lanes, now);
    this.invalidate();
    const scales = new Map(layout.lanes.map(({ lane }) => [lane.topic, this.motion.scaleOf(lane.topic)]));
    this.crowded = [...scales.values()].some((n) => n > 1);
    return scales;
  }

  mark(ringed: Set<string>, links: { from: string; to: string }[], hovered: string | null): void {
    this.ringed = ringed;
    this.links = links;
    this.hovered = hovered;
    this.invalidate();
  }

  recolour(): void {
    this.colours = readColours(document.body);
    this.invalidate();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private invalidate(): void {
    this.frame ||= requestAnimationFrame((now) => this.draw(now));
  }

  private draw(now: number): void {
    this.frame = 0;
    // A crowd moves too fast to be looked at one by one: every other frame is enough, and leaves the machine to Kafka.
    if (this.crowded && now - this.last < 25) {
      this.invalidate();
      return;
    }
    const { layout, view, canvas } = this;
    const pen = canvas.getContext('2d');
    if (!layout || !view || !pen) return;
    const elapsed = this.last === 0 ? 16 : Math.min(100, now - this.last);
    const gliding = this.motion.advance(layout, elapsed, still.matches);
    const changing = this.changes.forget(still.matches ? Number.POSITIVE_INFINITY : now);
    this.fit(layout);
    const ratio = devicePixelRatio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, layout.width, layout.height);
    const picture = {
      layout,
      motion: this.motion,
      changes: this.changes,
      colours: this.colours,
      now,
      colourOf: new Map(view.processes.map(({ id, colour }) => [id, colour])),
      ringed: this.ringed,
      hovered: this.hovered,
    };
    drawLanes(pen, picture);
    drawLinks(pen, picture, this.links);
    drawFalls(pen, picture);
    this.last = gliding || changing ? now : 0;
    if (this.last) this.invalidate();
  }

  private fit({ width, height }: MapLayout): void {
    const { canvas } = this;
    const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (canvas.width === wide && canvas.height === high) return;
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
}
