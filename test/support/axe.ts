/** The serious accessibility problems that axe-core finds on a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each serious or critical violation with its rule and location. Ignores frames with foreign pages. */
export async function seriousOn(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const results = (await page.evaluate(
    'axe.run({ iframes: false, resultTypes: ["violations"] })',
  )) as axe.AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, any }) => `${id}: ${target.join(' ')} (${any[0]?.message ?? ''})`),
    );
}
