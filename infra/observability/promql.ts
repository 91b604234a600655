/** What an expression of PromQL reads. For tests only: the parser is a development dependency. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Reads {
  /** Each metric that it selects, with the labels that the selector names, and their values where it wants equality. */
  selectors: { metric: string; labels: Record<string, string | null> }[];
  /** The labels that it groups by. */
  grouping: string[];
}

/** The interval that Grafana fills in. */
export const filledIn = (expr: string, interval = '1m') => expr.replaceAll('$__rate_interval', interval);

/** @throws Error with the place of the first mistake */
export function readsOf(expr: string): Reads {
  const found: Reads = { selectors: [], grouping: [] };
  const tree = parser.parse(expr);
  const text = ({ from, to }: { from: number; to: number }) => expr.slice(from, to);
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`${expr}: mistake at ${expr.slice(node.from) || 'the end'}`);
      if (node.name === 'VectorSelector')
        found.selectors.push({ metric: text(node.node.getChild('Identifier') ?? node), labels: {} });
      if (node.name === 'UnquotedLabelMatcher') {
        const [name, operator, value] = [
          node.node.firstChild,
          node.node.firstChild?.nextSibling,
          node.node.lastChild,
        ];
        const labels = found.selectors.at(-1)?.labels ?? {};
        if (name && operator && value)
          labels[text(name)] = text(operator) === '=' ? JSON.parse(text(value)) : null;
      }
      if (node.name === 'LabelName' && node.matchContext(['GroupingLabels'])) found.grouping.push(text(node));
    },
  });
  return found;
}
