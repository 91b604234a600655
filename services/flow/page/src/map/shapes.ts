/** The signs of the map, drawn around the origin of the pen. */
import type { Colours } from './colours.ts';
import type { Pen } from './draw.ts';

const full = Math.PI * 2;
/** Of a message, in pixels at the usual size of text. */
export const radius = 6;

export function disc(pen: Pen, r: number): void {
  pen.beginPath();
  pen.arc(0, 0, r, 0, full);
  pen.fill();
}

export function square(pen: Pen, r: number): void {
  const half = r * 0.85;
  pen.fillRect(-half, -half, 2 * half, 2 * half);
}

export function diamond(pen: Pen, r: number): void {
  pen.beginPath();
  pen.moveTo(0, -r);
  pen.lineTo(r, 0);
  pen.lineTo(0, r);
  pen.lineTo(-r, 0);
  pen.fill();
}

export function hollow(pen: Pen, colour: string, width: number, rejected: boolean): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  if (rejected) pen.rect(-4.6, -4.6, 9.2, 9.2);
  else pen.arc(0, 0, 5.4, 0, full);
  pen.stroke();
}

export function strike(pen: Pen, { bad }: Colours, r: number): void {
  pen.strokeStyle = bad;
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.moveTo(-r, r * 0.625);
  pen.lineTo(r, -r * 0.625);
  pen.stroke();
}

/** Of what is lost. */
export function cross(pen: Pen, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.8;
  pen.beginPath();
  for (const side of [-1, 1]) {
    pen.moveTo(-2.4 * side, -2.4);
    pen.lineTo(2.4 * side, 2.4);
  }
  pen.stroke();
}

/** A transaction marker. */
export function bar(pen: Pen, { soft }: Colours): void {
  pen.fillStyle = soft;
  pen.fillRect(-1, -7, 2, 14);
}

/** A second edge behind a mark: a stack, not one message. */
export function stack(pen: Pen): void {
  pen.lineWidth = 1.4;
  pen.beginPath();
  pen.arc(3, 0, radius, -1.1, 1.1);
  pen.stroke();
}

export function ring(pen: Pen, { focus }: Colours, width: number): void {
  pen.strokeStyle = focus;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(0, 0, 9.5, 0, full);
  pen.stroke();
}

/** Below a mark. */
export function name(pen: Pen, { soft }: Colours, text: string): void {
  pen.fillStyle = soft;
  pen.font = '8px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.fillText(text, 0, 14);
}

/** Draws with the origin at a point, and everything `unit` times as large. */
export function at(pen: Pen, x: number, y: number, unit: number, draw: () => void): void {
  pen.save();
  pen.translate(x, y);
  pen.scale(unit, unit);
  draw();
  pen.restore();
}
