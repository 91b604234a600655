/** The name of a topic above its lanes, and how much one mark stands for. */
import { count } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import type { MapLayout } from './layout.ts';

interface Props {
  topic: string;
  n: number;
  place: { top: string; height: string };
  layout: MapLayout;
}

export function TopicHeading({ topic, n, place, layout }: Props) {
  return (
    <div class="topic" style={place}>
      <h2>
        <Term of="topic">{topic}</Term>
      </h2>
      <span class="soft small" style={{ marginRight: `${layout.width - layout.right}px` }}>
        {n > 1 && <b class="scale">one mark stands for {count(n)} offsets</b>} newest →
      </span>
    </div>
  );
}
