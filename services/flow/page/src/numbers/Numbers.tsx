/** Numbers over time, and the partitions as a table. */
import type { View } from '../../../src/protocol.ts';
import { Term } from '../glossary/Term.tsx';
import { ageChart, lagChart, rateChart, unrestChart } from './charts.tsx';
import { Partitions } from './Partitions.tsx';

const height = 96;

export function Numbers({ view }: { view: View }) {
  const { samples } = view;
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
    </div>
  );
}
