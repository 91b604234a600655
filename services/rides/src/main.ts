/** The rides service: accepts requests for rides over HTTP and shows their state. */
import { commonConfig } from '@rideflow/shared/config.ts';
import { type Follower, follow } from '@rideflow/shared/kafka/follow.ts';
import { createPublisher, type Publisher, Unavailable } from '@rideflow/shared/kafka/publish.ts';
import { runService } from '@rideflow/shared/service.ts';
import { guard } from './access.ts';
import { ridesSettings } from './config.ts';
import { createDesk } from './desk.ts';
import { registerGauges } from './gauges.ts';
import { measureLateness, refuseWhenLate } from './lateness.ts';
import { pageRoutes, paths } from './pages.ts';
import { countRequests } from './requests.ts';
import { rideRoutes } from './routes.ts';
import { createView } from './view.ts';

const settings = { ...commonConfig('rides', 4000), ...ridesSettings };

await runService('rides', settings, process.env, async (service, config) => {
  // HTTP starts before Kafka is reachable. Until then, requests get a problem that says so.
  let publisher: Publisher | undefined;
  let follower: Follower | undefined;
  const view = createView(config.VIEW_RIDES, (at) => follower?.keeps(at) ?? true);
  const caughtUp = () => follower?.caughtUp() ?? false;
  const desk = createDesk(
    {
      async publish(topic, message, options) {
        if (!publisher) throw new Unavailable('this process has not reached Kafka yet', 2);
        return publisher.publish(topic, message, options);
      },
    },
    { caughtUp, reached: async (at, timeout) => (await follower?.reached(at, timeout)) ?? false },
    view,
    config.EMAIL_DOMAIN,
  );
  countRequests(service.http, '/rides', service.metrics);
  refuseWhenLate(service.http, ['/rides', '/rides/batch'], measureLateness());
  guard(service.http, '/rides', { token: config.API_TOKEN, perSecond: config.RATE_LIMIT });
  service.tracing?.requests(service.http, ['/rides', '/rides/batch']);
  rideRoutes(service.http, { desk, view, capacity: config.VIEW_RIDES, caughtUp });
  pageRoutes(service.http, service.pages, config.EMAIL_DOMAIN);
  Object.assign(service.paths, paths);
  registerGauges(service.metrics, view, caughtUp, Date.now);

  publisher = await createPublisher(service);
  follower = follow(service, {
    topics: ['ride_details', 'ride_confirmed'],
    last: config.VIEW_RIDES,
    knows: (identity) => view.first(identity) !== undefined, // most messages are from this process
    onMessage: ({ topic, received }) =>
      topic === 'ride_details' ? view.request(received) : view.decision(received),
    onRestart: () => view.forget(),
  });
});
