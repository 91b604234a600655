/** What a browser shows where another program gets a problem as JSON. */
import type { ProblemDocument } from './api.ts';
import { escapeHtml, pageOf } from './html.ts';

/** What there is at a process, for whoever asks it for something else. */
export interface Site {
  /** The links to all pages, as HTML. */
  bar: string;
  /** Addresses that a browser can open, each with what is there. */
  paths: Record<string, string>;
}

export function problemPage({ status, title, detail }: ProblemDocument, { bar, paths }: Site): string {
  const rows = Object.entries(paths).map(
    ([path, what]) =>
      `<tr><td><a href="${escapeHtml(path)}">${escapeHtml(path)}</a></td><td>${escapeHtml(what)}</td></tr>`,
  );
  const content = `<main>
<div class="notice bad"><h2>${status} ${escapeHtml(title)}</h2><p>${escapeHtml(detail)}</p></div>
<section class="panel"><h2>What there is</h2><table>${rows.join('\n')}</table></section>
</main>`;
  return pageOf({ title, bar, content });
}
