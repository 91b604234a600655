import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { serveFile } from './page.ts';

const folder = mkdtempSync(join(tmpdir(), 'rideflow-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a browser would get of a file with this text. */
function served(text: string, values: Record<string, string>): string {
  const file = join(folder, 'page.html');
  writeFileSync(file, text);
  let sent = '';
  const response = {
    set() {},
    send: (body: string) => {
      sent = body;
    },
  };
  const route = {
    get(handler: (request: object, response: object) => void) {
      handler({ fresh: false }, response);
      return route;
    },
    all() {},
  };
  serveFile({ route: () => route } as unknown as Express, '/', pathToFileURL(file), values);
  return sent;
}

test('a value is escaped in two braces and HTML in three, and nothing is left of the braces', () => {
  const values = { TEXT: '"<b>"', HTML: '<b>bold</b>' };
  expect(served('<a title="{{TEXT}}">{{{HTML}}}</a>', values)).toBe(
    '<a title="&#34;&#60;b&#62;&#34;"><b>bold</b></a>',
  );
});

test('a name without a value is an error at start', () => {
  expect(() => served('{{NOBODY}}', {})).toThrow(/page\.html needs a value for NOBODY/);
});
