/** Numbers over time, the partitions as a table, and what has happened. */
import type { View } from '../../../src/protocol.ts';
import { clock } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import { ageChart, lagChart, rateChart, unrestChart } from './charts.tsx';
import { Partitions } from './Partitions.tsx';

const height = 96;

export function Numbers({ view }: { view: View }) {
  const { samples, news } = view;
  return (
    <div class="numbers">
      {rateChart(samples, height, true)}
      {lagChart(samples, height, true)}
      {ageChart(samples, height, true)}
      <p class="soft small">
        What <Term of="p50 and p99" /> mean.
      </p>
      {unrestChart(samples, height)}
      <p class="soft small">
        What a <Term of="retry" /> and a <Term of="rebalance" /> are.
      </p>
      <Partitions view={view} />
      <h3>What happened</h3>
      {news.length === 0 && <p class="soft">Nothing yet: no process came, went or had trouble.</p>}
      <ul class="news">
        {news.map(({ number, at, about, tone, text }) => (
          <li key={number}>
            <time class="soft num">{clock(at)}</time>
            <span>
              <b>{about}</b>{' '}
              <span class={tone === 'ok' ? '' : tone === 'error' ? 'bad' : 'warn'}>{text}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
