/** What the environment says to each service: the values that differ from its defaults. */
import { type Deployed, namespace, partitions, portOf, services, stopping } from './plan.ts';

/** The variables that all services have in common. */
export const common: Record<string, string> = {
  HOST: '0.0.0.0',
  LOG_LEVEL: 'info',
  PARTITIONS: String(partitions),
  EMAIL_DOMAIN: 'example.com',
  // Where the bar on each page leads to, as a browser reaches the pages: `kubectl port-forward`, until an Ingress is there.
  FLOW_URL: `http://localhost:${portOf('flow')}`,
  PUBLIC_RIDES_URL: `http://localhost:${portOf('rides')}`,
  ANALYTICS_URL: `http://localhost:${portOf('analytics')}`,
};

/** The headless Service of a service: its name stands for every pod of it. */
export const podsOf = (service: Deployed) => (service === 'rides' ? 'rides-pods' : service);

/** The variables of one service alone. */
export const own: Record<Deployed, Record<string, string>> = {
  rides: { VIEW_RIDES: '20000', RATE_LIMIT: '0', DRAIN_SECONDS: String(stopping.drain) },
  transaction: {},
  email: { SMTP_URL: 'smtp://smtp.example.com:587', SMTP_CONNECTIONS: '10' },
  analytics: { DATABASE: '/data/analytics.sqlite', SEASON_MINUTES: '60' },
  flow: {
    TEACHING: 'off',
    FEEDS: services
      .filter((service) => service !== 'flow')
      .map((service) => `${service}=http://${podsOf(service)}:${portOf(service)}`)
      .join(),
    RIDES_URL: `http://rides:${portOf('rides')}`,
  },
};

/** Names of a Secret of a service. A value in it takes precedence over one of its ConfigMap. */
export const secretOf = (service: Deployed) => `${service}-secrets`;

/** As names outside of the namespace resolve too. */
export const addressOf = (host: string, port: number) => `${host}.${namespace}.svc:${port}`;

/** One entry of `configMapGenerator`. The generated name changes with its content, so that a change restarts the pods. */
export const configMap = (name: string, values: Record<string, string>, merge = false) => ({
  name,
  ...(merge && { behavior: 'merge' }),
  literals: Object.entries(values).map(([name, value]) => `${name}=${value}`),
});
export const commonMap = 'rideflow';
