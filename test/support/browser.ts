/** A real browser for tests of pages, if this machine has one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Without windows, menus and a profile, Chromium takes half the processor time. */
const [executablePath = '/usr/bin/chromium'] = process.env.CHROMIUM
  ? [process.env.CHROMIUM]
  : ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].filter((path) => existsSync(path));
export const browserThere = existsSync(executablePath);
/**
 * Playwright's own list, which this one replaces, and the address bar's pages. Without a screen nobody sees them, and Chromium
 * loads one for each window, which costs as much as a page of ours.
 */
const without = [
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'AvoidUnnecessaryBeforeUnloadCheckSync'],
  ...['DestroyProfileOnBrowserClose', 'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'PaintHolding'],
  ...['AimEnabled', 'LensOverlay', 'MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints'],
  ...['PreconnectToSearch', 'ThirdPartyStoragePartitioning'],
  ...['WebUIOmniboxAimPopup', 'WebUIOmniboxPopup'],
];
const quiet =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --enable-precise-memory-info';

/** Of one wait for what a page shows or does, in milliseconds. */
export const patience = 120_000;

/** Says why tests are skipped. */
export function sayBrowserMissing(what: string): void {
  if (!browserThere)
    console.warn(`${what} are skipped: no browser at ${executablePath}. CHROMIUM can name another.`);
}

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [...quiet.split(' '), `--disable-features=${without.join()}`],
  });

/** Opens a page at `url`. `wrong` collects its errors and its requests to other hosts. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; wrong: string[] }> {
  const wrong: string[] = [];
  const { origin } = new URL(url);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  page.context().setDefaultTimeout(patience); // of the windows that it opens, too
  page.on('request', (request) => void (request.url().startsWith(origin) || wrong.push(request.url())));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text()))
      wrong.push(message.text());
  });
  await page.goto(url);
  return { page, wrong };
}
