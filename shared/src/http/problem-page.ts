/** The page that a browser gets instead of a problem as JSON. */
import type { ProblemDocument } from './api.ts';
import { escapeHtml, pageOf } from './html.ts';

/** The valid addresses of a process, for answers to unknown ones. */
export interface Site {
  /** The links to all pages, as HTML. */
  bar: string;
  /** Addresses that a browser can open, each with its content. */
  paths: Record<string, string>;
}

export function problemPage({ status, title, detail }: ProblemDocument, { bar, paths }: Site): string {
  const rows = Object.entries(paths).map(
    ([path, what]) =>
      `<tr><td><a href="${escapeHtml(path)}">${escapeHtml(path)}</a></td><td>${escapeHtml(what)}</td></tr>`,
  );
  const content = `<main>
<div class="notice bad"><h2>${status} ${escapeHtml(title)}</h2><p>${escapeHtml(detail)}</p></div>
<section class="panel"><h2>Available addresses</h2><table>${rows.join('\n')}</table></section>
</main>`;
  return pageOf({ title, bar, content });
}
