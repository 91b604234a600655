/** The name of a topic above its lanes, and how much one mark stands for. */
import { count, plural } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import type { MapLayout } from './layout.ts';

interface Props {
  topic: string;
  n: number;
  place: { top: string; height: string };
  layout: MapLayout;
  partitions: number;
  /** Older messages than fit. */
  more: boolean;
}

export function TopicHeading({ topic, n, place, layout, partitions, more }: Props) {
  return (
    <div class="topic" style={place}>
      <h2 style={{ width: `${layout.narrow ? 120 : layout.left}px` }}>
        <Term of="topic">{topic}</Term>
      </h2>
      {!layout.narrow && (
        <span class="soft small">
          <Term of="partition">{plural(partitions, 'partition')}</Term>, <Term of="offset">offsets</Term> grow
          to the right
          {more && <span class="older">; drag a lane for older ones</span>}
        </span>
      )}
      <span class="soft small newest" style={{ marginRight: `${layout.width - layout.right}px` }}>
        {n > 1 && <b class="scale">one mark stands for {count(n)} offsets</b>} newest →
      </span>
    </div>
  );
}
