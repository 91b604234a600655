/** Merges changes into the view. Pure, and bounded: nothing here grows with time. */
import type { Change, Lane, Mark, News, View } from '../../src/protocol.ts';

export const keptMarks = 64;
const keptSamples = 300;
const keptNews = 200;

/** `topic/partition`: names a lane. */
export const laneKey = ({ topic, partition }: { topic: string; partition: number }) =>
  `${topic}/${partition}`;

/** The view after a change. What did not change is the same object as before. */
export function merge(view: View, change: Change): View {
  const { lanes, samples, news, ...whole } = change;
  return {
    ...view,
    ...whole,
    lanes: lanes ? mergeLanes(view.lanes, lanes) : view.lanes,
    samples: samples ? appendNewer(view.samples, samples) : view.samples,
    news: news ? newest(view.news, news) : view.news,
  };
}

function mergeLanes(before: Lane[], changed: Lane[]): Lane[] {
  const byKey = new Map(changed.map((lane) => [laneKey(lane), lane]));
  const merged = before.map((lane) => {
    const news = byKey.get(laneKey(lane));
    if (!news) return lane;
    byKey.delete(laneKey(lane));
    // An end that went back is a topic that was made anew: its old marks mean nothing any more.
    return news.end < lane.end ? news : { ...news, marks: mergeMarks(lane.marks, news.marks) };
  });
  return byKey.size === 0 ? merged : [...merged, ...byKey.values()].sort(byPlace);
}

const byPlace = (a: Lane, b: Lane) => a.topic.localeCompare(b.topic) || a.partition - b.partition;

function newest(before: News[], added: News[]): News[] {
  const last = before[0]?.number ?? 0;
  return [...added.filter(({ number }) => number > last), ...before].slice(0, keptNews);
}

/** Both are in the order of their offsets. The newest of them are kept. */
export function mergeMarks(before: Mark[], changed: Mark[]): Mark[] {
  const merged: Mark[] = [];
  let i = 0;
  for (const mark of changed) {
    for (let old = before[i]; old && old.offset < mark.offset; old = before[++i]) merged.push(old);
    const known = before[i]?.offset === mark.offset ? before[i++] : undefined;
    // The customer is left out where many change at once.
    merged.push(known?.customer && !mark.customer ? { ...mark, customer: known.customer } : mark);
  }
  while (i < before.length) merged.push(before[i++] as Mark);
  return merged.slice(-keptMarks);
}

function appendNewer<T extends { at: number }>(before: T[], added: T[]): T[] {
  const last = before.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return [...before, ...added.filter(({ at }) => at > last)].slice(-keptSamples);
}
