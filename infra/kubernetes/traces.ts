/** Component `traces`: the services send their traces to a collector. */
import { commonMap, configMap } from './configuration.ts';
import { inNamespace, policy, tcp } from './network-policies.ts';
import { monitoringNamespace } from './plan.ts';
import { because } from './yaml.ts';

/** OTLP over HTTP. */
const port = 4318;

export const tracesMap = because(
  'Where your collector is. rides chooses the rides, and the others follow it. A caller that sends a traceparent has chosen already: where you do not trust callers, let the Ingress remove that header.',
  [
    configMap(
      commonMap,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://collector.${monitoringNamespace}.svc:${port}`,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.1',
      },
      true,
    ),
  ],
);

export const tracesPolicy = policy(
  'traces',
  { matchLabels: { 'app.kubernetes.io/component': 'service' } },
  { egress: [{ to: [inNamespace(monitoringNamespace)], ports: [tcp(port)] }] },
);
