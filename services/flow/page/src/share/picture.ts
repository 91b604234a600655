/** The map and its sum as one picture (PNG): the canvas as it is, and over it the boxes and texts of the document. */

/** Room around, in CSS pixels. */
const margin = 16;
/** Device pixels per CSS pixel, for a slide or a printed page. */
const sharpness = 2;

/** @returns the picture of what stands in these elements. @throws Error where the browser cannot draw it */
export async function pictureOf(elements: HTMLElement[]): Promise<Blob> {
  const boxes = elements.map((element) => element.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left)) - margin;
  const top = Math.min(...boxes.map((box) => box.top)) - margin;
  const width = Math.max(...boxes.map((box) => box.right)) + margin - left;
  const height = Math.max(...boxes.map((box) => box.bottom)) + margin - top;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * sharpness);
  canvas.height = Math.round(height * sharpness);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('This browser draws no picture.');
  pen.scale(sharpness, sharpness);
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, width, height);
  pen.translate(-left, -top);
  for (const element of elements) drawElement(pen, element);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('This browser makes no picture of this size.');
  return blob;
}

function drawElement(pen: CanvasRenderingContext2D, element: Element): void {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const hidden = style.visibility === 'hidden' || style.display === 'none';
  // What is 1 pixel large is there for those who cannot see it.
  if (hidden || box.width <= 1 || box.height <= 1) return;
  pen.save();
  pen.globalAlpha *= Number(style.opacity);
  drawBox(pen, style, box);
  if (element.matches('.letter'))
    drawDiamond(pen, box, getComputedStyle(element, '::before').backgroundColor);
  if (element instanceof HTMLCanvasElement) pen.drawImage(element, box.left, box.top, box.width, box.height);
  for (const child of element.childNodes) {
    if (child instanceof SVGSVGElement) drawBox(pen, getComputedStyle(child), child.getBoundingClientRect());
    else if (child instanceof Element) drawElement(pen, child);
    else if (child instanceof Text) drawText(pen, child, style);
  }
  pen.restore();
}

function drawBox(pen: CanvasRenderingContext2D, style: CSSStyleDeclaration, box: DOMRect): void {
  const line = Number.parseFloat(style.borderTopWidth) || 0;
  const inset = line / 2;
  const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.height / 2);
  pen.beginPath();
  pen.roundRect(box.left + inset, box.top + inset, box.width - line, box.height - line, radius);
  pen.fillStyle = style.backgroundColor;
  pen.fill();
  if (line === 0 || style.borderTopStyle === 'none') return;
  pen.lineWidth = line;
  pen.setLineDash(style.borderTopStyle === 'dashed' ? [4, 3] : []);
  pen.strokeStyle = style.borderTopColor;
  pen.stroke();
}

/** A dead letter, which the page draws as a turned square. */
function drawDiamond(
  pen: CanvasRenderingContext2D,
  { left, top, width, height }: DOMRect,
  colour: string,
): void {
  const [x, y, half] = [left + width / 2, top + height / 2, width / 2];
  pen.beginPath();
  pen.moveTo(x, y - half);
  pen.lineTo(x + half, y);
  pen.lineTo(x, y + half);
  pen.lineTo(x - half, y);
  pen.fillStyle = colour;
  pen.fill();
}

/** Line by line, as the browser has broken it. */
function drawText(pen: CanvasRenderingContext2D, text: Text, style: CSSStyleDeclaration): void {
  if (text.data.trim() === '') return;
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = 'middle';
  const range = document.createRange();
  let line = '';
  let at: DOMRect | null = null;
  const put = () => at && pen.fillText(line, at.left, at.top + at.height / 2);
  for (let i = 0; i < text.length; i++) {
    range.setStart(text, i);
    range.setEnd(text, i + 1);
    const [box] = range.getClientRects();
    if (!box) continue;
    if (at && Math.abs(box.top - at.top) > 2) {
      put();
      line = '';
      at = null;
    }
    at ??= box;
    line += text.data[i] === '\n' ? ' ' : text.data[i];
  }
  put();
}
