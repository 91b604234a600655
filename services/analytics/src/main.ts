/** The analytics service. All wiring is here. */
import { commonConfig } from '@rideflow/shared/config.ts';
import { consumeInto } from '@rideflow/shared/kafka/consume.ts';
import { runService } from '@rideflow/shared/service.ts';
import { analyticsSettings } from './config.ts';
import { createDemandModel } from './demand-model.ts';
import { registerGauges } from './gauges.ts';
import { logFigures } from './milestones.ts';
import { mountRoutes, paths } from './routes.ts';
import { Store } from './store.ts';

const config = { ...commonConfig('analytics', 4003), ...analyticsSettings };

await runService(
  'analytics',
  config,
  process.env,
  async (service, { DATABASE, PRINT_EVERY, SEASON_MINUTES }) => {
    let otherTopic: string | null = null;
    const store = new Store({
      file: DATABASE,
      createModel: () => createDemandModel(SEASON_MINUTES, Date.now),
      printEvery: PRINT_EVERY,
      onMilestones: (milestones) => logFigures(service.log, milestones),
      onOtherTopic: (reason) => {
        if (!otherTopic) service.log.error(reason);
        otherTopic = reason;
      },
    });
    service.onStop('the statistics file', () => store.close());
    // The figures stay readable, and /readyz returns the reason.
    service.readyWhen(() => otherTopic);
    registerGauges(service.metrics, store, Date.now);
    mountRoutes(service.http, store, Date.now, service.pages);
    Object.assign(service.paths, paths);
    await consumeInto(service, store);
  },
);
