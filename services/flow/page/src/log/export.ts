/** The log as files for other programs, oldest first. */
import type { News } from '../../../src/protocol.ts';

const rows = (news: News[]) =>
  news.toReversed().map(({ at, about, tone, text, of }) => ({
    time: new Date(at).toISOString(),
    about,
    tone,
    text,
    ride: of?.ride ?? null,
    message: of?.coordinates ?? null,
  }));

export const asJson = (news: News[]): string => `${JSON.stringify(rows(news), null, 2)}\n`;

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function asCsv(news: News[]): string {
  const cell = (value: string | null) => {
    const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows(news).map((row) => Object.values(row).map(cell).join(','));
  return ['time,about,tone,text,ride,message', ...lines, ''].join('\r\n');
}
