/** Says losses, duplicates and what happens to processes to those who cannot see them. */
import { view } from './stream.ts';

export function Announcer() {
  const seen = view.value;
  const news = seen?.news[0];
  const violation = seen?.violations.find(({ what }) => what !== 'overtaken');
  return (
    <>
      <p class="unseen" role="status">
        {news && `${news.about}: ${news.text}`}
      </p>
      <p class="unseen" role="status">
        {violation?.text}
      </p>
    </>
  );
}
