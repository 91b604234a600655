/** The flow page in a real browser: what it says, against the topics and groups read independently. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { freePorts } from '../infra/broker/ports.ts';
import { check } from '../infra/check/check.ts';
import { browserThere, openPage, patience, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import {
  chooseMark,
  controlsOf,
  lanesOf,
  markOf,
  ringOn,
  stepIntoTransaction,
  stepsOf,
  sumOf,
} from './support/flow-page.ts';
import { Groups, together } from './support/groups.ts';
import { listenTo } from './support/listener.ts';
import { Log } from './support/log.ts';
import { startTestSystem, type TestSystem } from './support/system.ts';

sayBrowserMissing('The tests of the flow page');

(browserThere ? describe : describe.skip)('the flow page', () => {
  let it: TestSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];
  let groups: Groups;
  /** What is written, be its transaction open or aborted. */
  let uncommitted: Log;

  beforeAll(async () => {
    it = await startTestSystem(undefined, { flow: true });
    groups = new Groups(it.broker.brokers);
    uncommitted = new Log(it.broker.brokers, true);
    await uncommitted.start();
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
  });
  afterAll(async () => {
    await browser?.close();
    await uncommitted?.stop();
    await groups?.stop();
    await it?.stop();
    expect(wrong).toEqual([]);
  });

  const { control, pace } = controlsOf(() => it.system.url('flow'));
  const ride = (n: number, more: object = {}) => ({
    customer_id: `user_${n}`,
    location: { lat: 12.97, long: 77.59 },
    ...more,
  });
  /** What each group has in front of it and which partitions go together, as Kafka says. */
  const expectPageToAgreeWithKafka = () =>
    eventually(async () => {
      const lanes = await lanesOf(page);
      for (const [group, topic] of [
        ['transaction', 'ride_details'],
        ['email', 'ride_confirmed'],
        ['analytics', 'ride_confirmed'],
      ] as const) {
        const { places, owners } = await groups.see(group, topic);
        const said = Object.entries(lanes).filter(([name]) => name.startsWith(`${topic}/`));
        expect(said.map(([, { end }]) => end)).toEqual(places.map(({ end }) => end));
        expect(said.map(([, { readers }]) => readers[group]?.behind)).toEqual(
          places.map(({ end, committed }) => end - committed),
        );
        expect(together(said.map(([, { readers }]) => readers[group]?.through ?? null))).toEqual(
          together(owners),
        );
      }
    });

  test('one button books a ride, and the page follows it from the request to the mail and the count', async () => {
    await page.getByRole('button', { name: 'Book a ride' }).first().click();
    const steps = await eventually(async () => {
      const steps = await stepsOf(page);
      expect(steps.map((step) => step.split(' ').slice(0, 2).join(' ')).sort()).toEqual(
        ['committed', 'counted', 'decided', 'mailed', 'read', 'received', 'stored'].map(
          (name) => `done ${name}`,
        ),
      );
      return steps;
    });
    const id = page.url().split('/rides/')[1] as string;
    const of = (topic: string) =>
      eventually(() => {
        const found = it.log.on(topic).find(({ value }) => value?.id === id);
        if (!found) throw new Error(`the log of this test has not read ${topic} so far yet`);
        return found;
      });
    const [request, decision] = [await of('ride_details'), await of('ride_confirmed')];
    expect(steps).toContain(`done stored ride_details/${request.partition}/${request.offset}`);
    expect(steps).toContain(`done decided ride_confirmed/${decision.partition}/${decision.offset}`);
    const summary = await page.locator('.ride .summary').textContent();
    expect(summary).toContain(
      `confirmed, ${decision.value?.alloted_driver} in ${decision.value?.pickup_minutes} min`,
    );
    expect(it.mailbox.about(id)).toHaveLength(1);
    expect(await it.stats()).toMatchObject({ overall: { rides: 1 } });
    await eventually(async () =>
      expect(await sumOf(page)).toMatchObject({ accepted: 1, confirmed: 1, mailed: 1, counted: 1 }),
    );
    // The mail server of this test shows its mails to nobody, so repeats cannot be counted.
    expect(await page.locator('.equation').textContent()).toContain('(no mailbox)');
    await expectPageToAgreeWithKafka();
  });

  test('what is unknown about a ride that is shown does not stay so when it becomes known', async () => {
    const { id } = await it.book(ride(8));
    await eventually(async () => expect(await it.ride(id)).toMatchObject({ status: 'confirmed' }));
    let asked = 0;
    await page.route('**/api/rides/*', async (route) => {
      const response = await route.fetch();
      const story = await response.json();
      if (asked++ === 0)
        for (const step of story.steps) Object.assign(step, step.name === 'mailed' && { state: 'unknown' });
      await route.fulfill({ response, json: story });
    });
    await page.goto(`${it.system.url('flow')}/rides/${id}`);
    await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor();
    expect(asked).toBeGreaterThan(1);
    await page.unrouteAll({ behavior: 'wait' });
  });

  test('a ride that is opened by its address is ringed on the map, whatever is there first', async () => {
    const { id } = await it.book(ride(9));
    await eventually(async () => expect(await it.ride(id)).toMatchObject({ status: 'confirmed' }));
    const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' });
    context.setDefaultTimeout(patience);
    const opened = await context.newPage();
    const told = opened.waitForResponse('**/api/rides/*');
    await opened.route('**/events', async (route) => {
      await (await told).finished();
      await route.continue();
    });
    await opened.goto(`${it.system.url('flow')}/rides/${id}`);
    await opened.locator('.timeline').waitFor();
    await eventually(async () => expect(await ringOn(opened)).toBeGreaterThan(50));
    await context.close();
  });

  test('the address of a ride shows it to whoever opens it', async () => {
    const { id } = await it.book(ride(1, { payment_token: 'tok_declined' }));
    await eventually(async () => expect(await it.ride(id)).toMatchObject({ status: 'rejected' }));
    const other = await openPage(browser, `${it.system.url('flow')}/rides/${id}`);
    await other.page.getByText('of customer user_1, rejected').waitFor();
    expect(other.wrong).toEqual([]);
    await other.page.close();
  });

  test('a decision in an open transaction is shown as open, which no reader sees yet, and then as committed', async () => {
    await pace('transaction', { step: true });
    const { id, stored } = await it.book(ride(2));
    const place = `ride_confirmed/${stored.partition}`;
    const seen = () => uncommitted.on('ride_confirmed').find(({ value }) => value?.id === id);
    await stepIntoTransaction(it.system.url('flow'));
    await eventually(() => expect(seen()).toBeDefined());
    const offset = Number(seen()?.offset);
    await eventually(async () => expect(await markOf(page, place, offset)).toContain('open transaction'));
    // Where a read-committed reader stops is the first offset of what is open.
    await eventually(async () => expect((await lanesOf(page))[place]?.stable).toBe(offset));
    const other = await openPage(browser, `${it.system.url('flow')}/rides/${id}`);
    await other.page
      .locator('.summary', { hasText: 'in an open transaction, so readers do not see the decision yet' })
      .waitFor();
    await other.page.getByText('This page sees it because it reads uncommitted').waitFor();
    await other.page.close();
    expect(it.log.on('ride_confirmed').find(({ value }) => value?.id === id)).toBeUndefined();
    await pace('transaction', {});
    await eventually(async () => expect(await markOf(page, place, offset)).toContain('committed'));
    await eventually(() =>
      expect(it.log.on('ride_confirmed').find(({ value }) => value?.id === id)).toBeDefined(),
    );
    await eventually(async () => expect(await markOf(page, place, offset + 1)).toContain('a commit marker'));
    await eventually(async () => expect((await lanesOf(page))[place]?.stable).toBeNull());
    // The bar explains itself.
    await chooseMark(page, place, offset + 1);
    await page
      .locator('.summary', { hasText: /^ride_confirmed\S+ a commit marker of producer \d+, epoch \d+/ })
      .waitFor();
    await page
      .locator('.timeline')
      .getByRole('button', { name: `${place}/${offset}`, exact: true })
      .waitFor();
  });

  test('a message without a key says what that costs, and a ride that was overtaken is counted and named', async () => {
    const { overtaken = 0 } = await sumOf(page);
    await pace('transaction', { paused: true });
    const write = (partition: number, id: string, customer_id: string) =>
      it.log.write('ride_details', { partition, value: JSON.stringify({ ...ride(0), id, customer_id }) });
    // Behind a crowd of others in its own partition, a ride is overtaken by a later one in another.
    for (let n = 0; n < 12; n++) await write(0, `crowd-${n}`, 'user_90');
    await write(0, 'keyless-2', 'user_91');
    await write(1, 'keyless-3', 'user_91');
    const decided = (id: string) => uncommitted.on('ride_confirmed').find(({ value }) => value?.id === id);
    await eventually(() =>
      expect(uncommitted.on('ride_details').map(({ value }) => value?.id)).toContain('keyless-3'),
    );
    await pace('transaction', { step: true });
    await eventually(async () => {
      if (!decided('keyless-3')) await control('POST', '/step/transaction');
      expect(decided('keyless-3')).toBeDefined();
    });
    await pace('transaction', {});
    await eventually(() => expect(decided('keyless-2')).toBeDefined());
    expect(
      String(decided('keyless-2')?.value?.decided_at) > String(decided('keyless-3')?.value?.decided_at),
    ).toBe(true);
    await eventually(async () => expect((await sumOf(page)).overtaken).toBe(overtaken + 1));
    await page.goto(`${it.system.url('flow')}/rides/keyless-2`);
    const [later] = uncommitted.on('ride_details').filter(({ value }) => value?.id === 'keyless-3');
    await page
      .getByText(`after ride_details/1/${later?.offset}, which user_91 requested later`)
      .first()
      .waitFor();
    await page.getByText('without a key: any partition may get it').waitFor();
    const { table } = await check({ brokers: it.broker.brokers, mails: null, stats: null, waitMs: patience });
    expect(table).toMatchObject({ overtaken: overtaken + 1, orderViolations: 0 });
  });

  test('a paused group falls behind by what the page says, and mails what it said when it goes on', async () => {
    // Nothing from before is still on its way.
    await eventually(async () => {
      const { mailed, counted, 'in flight': inFlight } = await sumOf(page);
      expect([inFlight, mailed, it.mailbox.mails.length]).toEqual([0, counted, counted]);
    });
    await pace('email', { paused: true });
    const before = it.mailbox.mails.length;
    for (let n = 0; n < 12; n++) await it.book(ride(n));
    await eventually(async () =>
      expect(await sumOf(page)).toMatchObject({ 'in flight': 0, counted: before + 12 }),
    );
    await expectPageToAgreeWithKafka();
    expect((await sumOf(page)).mailed).toBe(before);
    await page.getByText('paused').first().waitFor();
    await pace('email', {});
    await eventually(async () => expect(await sumOf(page)).toMatchObject({ mailed: before + 12 }));
    expect(it.mailbox.mails.length).toBe(before + 12);
    await expectPageToAgreeWithKafka();
  });

  test('a second process takes partitions over, a killed one loses them, and the page says who', async () => {
    const [port = 0] = await freePorts(1);
    const second = it.system.run('transaction', { as: 'transaction-2', port }, {});
    // On the map each line stands for the next one; the log keeps them.
    await page.getByRole('tab', { name: 'Log' }).click();
    const news = (text: RegExp) => page.locator('.news li', { hasText: text }).first().waitFor();
    await news(/partitions? .* went from transaction-1 to transaction-2/);
    await expectPageToAgreeWithKafka();
    await second.stop('SIGKILL');
    await news(/went from transaction-2 to transaction-1/);
    await expectPageToAgreeWithKafka();
    await page.locator('.pill.gone', { hasText: 'transaction-2' }).waitFor();
  });

  test('a reader whose feed is away is said not to answer, and what it did is unknown', async () => {
    it.system.children.get('analytics')?.signal('SIGSTOP');
    try {
      const { id } = await it.book(ride(3));
      await page.goto(`${it.system.url('flow')}/rides/${id}`);
      await page.getByText('not yet counted').waitFor();
      await eventually(async () => {
        const { accepted = 0, counted } = await sumOf(page);
        expect(counted).toBe(accepted - 1);
      });
    } finally {
      it.system.children.get('analytics')?.signal('SIGCONT');
    }
    await eventually(async () => {
      const { accepted, counted } = await sumOf(page);
      expect(counted).toBe(accepted);
    });
  });

  test('a page that was away for a moment goes on without a gap', async () => {
    const url = `${it.system.url('flow')}/events`;
    const first = await listenTo(url);
    await first.first('snapshot');
    expect(first.events[0]?.event).toBe('snapshot');
    await first.close();
    const { stored } = await it.book(ride(4));
    await eventually(async () =>
      expect((await lanesOf(page))[`ride_details/${stored.partition}`]?.end).toBeGreaterThan(
        Number(stored.offset),
      ),
    );
    const { events, close } = await listenTo(url, first.lastId());
    await eventually(() =>
      expect(JSON.stringify(events.map(({ data }) => data.lanes ?? []))).toContain('"ride_details"'),
    );
    await close();
    const numbers = events.map(({ id }) => Number(id.split('.')[1]));
    const from = Number(first.lastId().split('.')[1]);
    expect(events.map(({ event }) => event)).not.toContain('snapshot');
    expect(numbers).toEqual(numbers.map((_, n) => from + 1 + n));
  });

  test('eight tabs share one stream, each shows a new ride, and when the one that has the stream goes, another takes it', async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(patience);
    let streams = 0;
    context.on('request', (request) => {
      if (new URL(request.url()).pathname === '/events') streams++;
    });
    const tabs: Page[] = [];
    for (let i = 0; i < 8; i++) {
      const tab = await context.newPage();
      await tab.goto(it.system.url('flow'));
      tabs.push(tab);
    }
    const expectAllToAgree = async (open: Page[]) => {
      const { accepted } = await sumOf(page);
      for (const tab of open) expect((await sumOf(tab)).accepted).toBe(accepted);
      expect(accepted).toBeGreaterThan(0);
    };
    await it.book(ride(6));
    await eventually(() => expectAllToAgree(tabs));
    expect(streams).toBe(1);
    await tabs[0]?.close();
    await it.book(ride(7));
    await eventually(() => expectAllToAgree(tabs.slice(1)));
    expect(streams).toBe(2);
    await context.close();
  });

  test('the observer is not there for the others: no group, no offset, no message of its own', async () => {
    expect((await groups.names()).filter((name) => !/^(transaction|email|analytics)$/.test(name))).toEqual(
      expect.not.arrayContaining([expect.stringContaining('flow')]),
    );
    const sources = new Set(uncommitted.entries.map(({ headers }) => headers.ce_source));
    expect([...sources].sort()).toEqual(['/rideflow/rides', '/rideflow/transaction']);
    await it.system.end('flow', 'SIGKILL');
    const { id } = await it.book(ride(5));
    await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
  });

  test('a page whose process ended says so, and catches up when it is there again', async () => {
    await page.getByText('connection lost').waitFor();
    it.system.run('flow');
    await eventually(async () => expect(await page.getByText('Kafka, 1 broker').count()).toBe(1));
    await eventually(async () => {
      const accepted = new Set(it.log.on('ride_details').map(({ value }) => value?.id)).size;
      expect(await sumOf(page)).toMatchObject({ accepted, mailed: accepted });
    });
    await expectPageToAgreeWithKafka();
  });
});
