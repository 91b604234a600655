/** One control: a title and what it shows, unfolded when it is used. */
import type { ComponentChildren } from 'preact';

interface Props {
  title: string;
  /** A sentence. */
  shows: ComponentChildren;
  /** What is going on just now, where something is. */
  now?: string | null;
  open?: boolean;
  children: ComponentChildren;
}

/** By title, as its reader left it: another tab may stand in its place for a while. */
const left = new Map<string, boolean>();

export function Fold({ title, shows, now, open = false, children }: Props) {
  return (
    <details
      class="fold"
      open={left.get(title) ?? open}
      onToggle={({ currentTarget }) => {
        const wasOpen = left.get(title) ?? open;
        left.set(title, currentTarget.open);
        if (!wasOpen && currentTarget.open) currentTarget.scrollIntoView({ block: 'nearest' });
      }}
    >
      <summary>
        <h3>
          {title} {now && <span class="chip small">{now}</span>}
        </h3>
        <span class="soft small">{shows}</span>
      </summary>
      <div class="body">{children}</div>
    </details>
  );
}
