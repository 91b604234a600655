/** Three small charts below the map. */
import type { Sample } from '../../../src/protocol.ts';
import { ageChart, lagChart, rateChart } from './charts.tsx';

export function SmallCharts({ samples }: { samples: Sample[] }) {
  return (
    <div class="charts">
      {rateChart(samples, 42)}
      {lagChart(samples, 42)}
      {ageChart(samples, 42)}
    </div>
  );
}
