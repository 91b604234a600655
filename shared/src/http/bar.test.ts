import { expect, test } from '@jest/globals';
import { bar, pageAddress } from './bar.ts';

const linksOf = (html: string) =>
  [...html.matchAll(/<a href="([^"]*)"( aria-current="page")?>(\w+)<\/a>/g)].map(([, href, current, name]) =>
    [name, href, current && 'here'].filter(Boolean).join(' '),
  );

test('the bar of one page leads to all others, and says which one this is', () => {
  expect(linksOf(bar({ flow: 'http://a:1', rides: '', analytics: 'http://b' }, 'Rides'))).toEqual([
    'Flow http://a:1/',
    'Rides / here',
    'Statistics http://b/',
    'Mailbox http://a:1/mailbox',
    'API /docs',
  ]);
  expect(bar({ flow: '', rides: '', analytics: '' })).not.toContain('aria-current');
});

test('an address with slashes at its end leads to the same place', () => {
  expect(pageAddress.parse('http://a:1//')).toBe('http://a:1');
  expect(pageAddress.safeParse('javascript:alert(1)').success).toBe(false);
});

test('an address is text, whatever is in it', () => {
  const html = bar({ flow: pageAddress.parse('http://a/"><script>'), rides: '', analytics: '' });
  expect(html).not.toContain('<script');
});
