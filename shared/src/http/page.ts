/** Serves the few files of a page from memory. The browser loads and runs nothing from other hosts. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Express } from 'express';
import { escapeHtml, securityHeaders } from './html.ts';
import { onlyMethods } from './problem.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** The generated API documents. */
export const documents = {
  openApi: new URL('../../openapi.json', import.meta.url),
  asyncApi: new URL('../../asyncapi.json', import.meta.url),
};

/** Serves what all pages have in common. */
export function serveLook(app: Express): void {
  for (const name of ['style.css', 'icon.svg'])
    serveFile(app, `/${name}`, new URL(`../page/${name}`, import.meta.url));
}

/**
 * Serves one file at `path`. The file is read once, at the start.
 * @param values each `{{NAME}}` in the file is replaced by its value, escaped for HTML, and `{{{NAME}}}` by HTML as it is
 * @throws Error at the start when the file cannot be read or needs a missing value
 */
export function serveFile(app: Express, path: string, file: URL, values: Record<string, string> = {}): void {
  const text = readFileSync(file, 'utf8').replace(/\{\{(\{?)([A-Z_]+)\}?\}\}/g, (_, asItIs, name: string) => {
    if (values[name] === undefined) throw new Error(`${file.pathname} needs a value for ${name}`);
    return asItIs ? values[name] : escapeHtml(values[name]);
  });
  serveText(app, path, types[extname(file.pathname)] ?? 'application/octet-stream', text);
}

/**
 * Serves one text at `path`. A browser that has it only asks whether it has changed.
 * @param more headers in place of the usual ones
 */
export function serveText(
  app: Express,
  path: string,
  type: string,
  text: string,
  more: Record<string, string> = {},
): void {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  const headers = { ...securityHeaders, 'content-type': type, 'cache-control': 'no-cache', ...more, etag };
  app
    .route(path)
    .get((request, response) => {
      response.set(headers);
      if (request.fresh) response.status(304).end();
      else response.send(text);
    })
    .all(onlyMethods('GET'));
}
