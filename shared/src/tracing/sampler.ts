/** The sampler of OTEL_TRACES_SAMPLER. */
import { type Attributes, type Context, type Link, type SpanKind, TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from './settings.ts';

export const followsWriters = ({ OTEL_TRACES_SAMPLER }: TracingConfig) =>
  OTEL_TRACES_SAMPLER.startsWith('parentbased_');

export function samplerOf(config: TracingConfig): Sampler {
  const root = rootOf(config);
  return followsWriters(config) ? new ParentBasedSampler({ root: new LinkBasedSampler(root) }) : root;
}

function rootOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: TracingConfig): Sampler {
  switch (OTEL_TRACES_SAMPLER.replace('parentbased_', '')) {
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(OTEL_TRACES_SAMPLER_ARG);
    default:
      return new AlwaysOnSampler();
  }
}

/**
 * Records a trace that begins with links if one of the linked traces is recorded. Without it, each service would choose its own
 * ten percent of the batches, and hardly any ride would be recorded on its whole way.
 */
class LinkBasedSampler implements Sampler {
  readonly #root: Sampler;

  constructor(root: Sampler) {
    this.#root = root;
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ) {
    if (links.length === 0) return this.#root.shouldSample(context, traceId, name, kind, attributes, links);
    const recorded = links.some(({ context }) => (context.traceFlags & TraceFlags.SAMPLED) !== 0);
    return { decision: recorded ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  }

  toString() {
    return `LinkBased{${this.#root}}`;
  }
}
