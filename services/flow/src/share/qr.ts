/** An address as a QR code, for the terminal and for the page. */
import { encode, renderUnicodeCompact } from 'uqr';

/** Light modules around the code, without which a camera does not find it. */
const quietZone = 4;

/** Lines of text: light on dark, two rows of modules in each line. */
export const qrLines = (text: string): string[] =>
  renderUnicodeCompact(text, { border: quietZone }).split('\n');

/** The path of an SVG of `size` × `size` units: a square for each dark module. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { border: quietZone });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])));
  return { size, path: squares.join('') };
}
