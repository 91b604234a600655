/** What the flow page says, read from its text as a person would. */
import type { Locator, Page } from 'playwright-core';
import type { Process } from '../../services/flow/src/protocol.ts';
import { eventually } from './eventually.ts';
import { listenTo } from './listener.ts';

export interface LaneSaid {
  end: number;
  /** The last stable offset; null where it is the end. */
  stable: number | null;
  /** By group: the process that it is read through, null for none, and how many offsets it is behind. */
  readers: Record<string, { through: string | null; behind: number }>;
}

const number = (text: string) => Number(text.replace(/[^\d-]/g, ''));

/** Every lane, by `topic/partition`. */
export async function lanesOf(page: Page): Promise<Record<string, LaneSaid>> {
  const labels = await page
    .getByRole('slider', { name: /^Messages of/ })
    .evaluateAll((all) => all.map((lane) => lane.getAttribute('aria-label') ?? ''));
  return Object.fromEntries(
    labels.map((label) => {
      const [, topic, partition, end = ''] =
        /^Messages of (\S+), partition (\d+), end offset ([^;]+)/.exec(label) ?? [];
      const [, stable] = /last stable offset (\S+),/.exec(label) ?? [];
      const readers = [
        ...label.matchAll(/(\w+) reads it through (no process now|\S+), (\S+) offsets? behind/g),
      ].map(([, name = '', through = '', behind = '']) => [
        name,
        { through: through.startsWith('no ') ? null : through, behind: number(behind) },
      ]);
      return [
        `${topic}/${partition}`,
        {
          end: number(end),
          stable: stable === undefined ? null : number(stable),
          readers: Object.fromEntries(readers),
        },
      ];
    }),
  );
}

/** Goes to one offset of a lane by keyboard, or to the nearest one before it. */
export async function goTo(page: Page, lane: string, offset: number): Promise<Locator> {
  const slider = page.locator(`[id="lane ${lane}"]`);
  await slider.focus();
  await page.keyboard.press('End');
  for (let tries = 0; tries < 200; tries++) {
    const before = number((await slider.getAttribute('aria-valuenow')) ?? '') - offset;
    if (before <= 0) break;
    await page.keyboard.press(before > 10 ? 'PageUp' : 'ArrowLeft');
  }
  return slider;
}

/** Chooses one offset of a lane, as Enter does. */
export async function chooseMark(page: Page, lane: string, offset: number): Promise<void> {
  await goTo(page, lane, offset);
  await page.keyboard.press('Enter');
}

/** What the page says about one offset of a lane, asked for by keyboard; nothing where it shows no such offset. */
export async function markOf(page: Page, lane: string, offset: number): Promise<string> {
  const slider = await goTo(page, lane, offset);
  const text = await slider.getAttribute('aria-valuetext');
  await slider.blur();
  return text?.startsWith(`Offset ${offset}:`) ? text : '';
}

/** How many points of the map have the colour of a ring, in a light page. */
export const ringOn = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.plan canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
      if (data[i] === 0x1d && data[i + 1] === 0x4e && data[i + 2] === 0xd8) count++;
    return count;
  })()`);

/** The sum: `accepted`, `confirmed`, … */
export async function sumOf(page: Page): Promise<Record<string, number>> {
  const parts = await page
    .getByRole('region', { name: 'What became of all rides' })
    .locator('.equation > span')
    .allTextContents();
  const found = parts.flatMap((part) => {
    const [, name, value, repeated] =
      /([a-z][a-z -]*[a-z])\s+([\d\u202f]+)(?:, ([\d\u202f]+) repeated| \(each decision\))?$/.exec(
        part.trim(),
      ) ?? [];
    if (!name || !value) return [];
    return [[name, number(value)], ...(name === 'mailed' ? [['repeated', number(repeated ?? '0')]] : [])];
  });
  return Object.fromEntries(found);
}

/** The steps of the chosen ride: `done stored ride_details/0/3`. */
export function stepsOf(page: Page): Promise<string[]> {
  return page
    .locator('.timeline > li')
    .evaluateAll((all) =>
      all.map((step) =>
        [
          step.className,
          step.querySelector('b')?.textContent,
          step.querySelector('.coordinates')?.textContent,
        ]
          .filter(Boolean)
          .join(' '),
      ),
    );
}

/** Moves the slider of the time to a moment, as soon as it reaches that far. @param at milliseconds since 1970 */
export async function goBackTo(page: Page, at: number): Promise<void> {
  const slider = page.getByRole('slider', { name: 'The moment that is shown' });
  await eventually(async () => {
    if (Number(await slider.getAttribute('max')) <= at) throw new Error('the slider does not reach that far');
  });
  await slider.evaluate((slider, at) => {
    (slider as unknown as { value: string }).value = String(at);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, at);
}

/** The steps with this name that are done. */
export const doneSteps = (page: Page, name: string): Locator =>
  page.locator('.timeline > li.done', { has: page.locator('b', { hasText: new RegExp(`^${name}$`) }) });

/**
 * Asks the controls of a flow process. What sets or takes away something is asked again when a process does not answer in time, as
 * on a slow machine: it does so once. @throws Error with its answer where it refuses
 */
export async function control(flow: string, method: string, path: string, body: object = {}): Promise<void> {
  const ask = () =>
    fetch(`${flow}/api/controls${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  let response = await ask();
  for (let tries = 0; method !== 'POST' && response.status === 502 && tries < 5; tries++)
    response = await ask();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/**
 * Takes the one step that handles the message which transaction holds, and resolves when its transaction is held open. A second
 * step would commit it.
 */
export async function stepIntoTransaction(
  flow: string,
  step: () => unknown = () => control(flow, 'POST', '/step/transaction'),
): Promise<void> {
  const { events, close } = await listenTo(`${flow}/events`);
  const holds = (where: Process['held'][number]['where']) =>
    eventually(() => {
      const processes: Process[] = events.findLast(({ data }) => data.processes)?.data.processes ?? [];
      const held = processes.flatMap(({ service, held }) => (service === 'transaction' ? held : []));
      if (!held.some((one) => one.where === where)) throw new Error(`transaction holds nothing ${where}`);
    });
  try {
    await holds('before its handling');
    await step();
    await holds('in the open transaction');
  } finally {
    await close();
  }
}

/** The controls of one flow process, whose address is known later. */
export const controlsOf = (flow: () => string) => ({
  control: (method: string, path: string, body?: object) => control(flow(), method, path, body),
  /** What is not given is as after a fresh start. */
  pace: (service: string, pace: { paused?: boolean; step?: boolean }) =>
    control(flow(), 'PUT', `/pace/${service}`, { delay: 0, paused: false, step: false, ...pace }),
});
