/** A real browser for tests of pages, if this machine has one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
export const browserThere = existsSync(executablePath);
const quiet =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --enable-precise-memory-info';

/** Says why tests are skipped. */
export function sayBrowserMissing(what: string): void {
  if (!browserThere)
    console.warn(`${what} are skipped: no browser at ${executablePath}. CHROMIUM can name another.`);
}

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: quiet.split(' ') });

/** Opens a page at `url`. `wrong` collects its errors and its requests to other hosts. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; wrong: string[] }> {
  const wrong: string[] = [];
  const { origin } = new URL(url);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  page.on('request', (request) => void (request.url().startsWith(origin) || wrong.push(request.url())));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text()))
      wrong.push(message.text());
  });
  await page.goto(url);
  return { page, wrong };
}
