/** Three small charts below the map. */
import type { Sample } from '../../../src/protocol.ts';
import { ageChart, lagChart, rateChart } from './charts.tsx';

const roomy = matchMedia('(min-height: 900px)');

export function SmallCharts({ samples }: { samples: Sample[] }) {
  const height = roomy.matches ? 84 : 42;
  return (
    <div class="charts">
      {rateChart(samples, height)}
      {lagChart(samples, height)}
      {ageChart(samples, height)}
    </div>
  );
}
