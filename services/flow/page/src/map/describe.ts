/** A mark in words: for the pointer, the keyboard and who cannot see it. Pure. */
import type { Group, Lane } from '../../../src/protocol.ts';
import { count, listed, plural } from '../format.ts';
import { type Slot, slotsOf } from './slots.ts';

/** What stands at `offset`, or in the slot that begins there. @param n offsets per mark */
export function describeSlot(lane: Lane, readers: Group[], n: number, offset: number): string {
  const slot = slotsOf(lane, readers, n, offset).find(({ from, to }) => offset >= from && offset < to);
  if (!slot) return 'Nothing is stored here.';
  const many = slot.to - slot.from;
  if (many > 1) {
    const place = `Offsets ${count(slot.from)} to ${count(slot.to - 1)}`;
    const rejected = lane.marks.filter(
      ({ offset, what }) => what === 'rejected' && offset >= slot.from && offset < slot.to,
    ).length;
    const among = [
      ...(slot.look === 'dead letter' || slot.look === 'lost' ? [`a ${slot.look}`] : []),
      ...(rejected > 0 ? [plural(rejected, 'rejected ride')] : []),
    ];
    const notable = among.length > 0 ? `, ${listed(among)} among them` : '';
    return `${place}, drawn as one mark${notable}: ${progress(slot, lane, readers)}.`;
  }
  return `Offset ${count(slot.from)}: ${what(slot, lane, readers)}.`;
}

function what(slot: Slot, lane: Lane, readers: Group[]): string {
  switch (slot.look) {
    case 'commit':
      return 'a commit marker of Kafka. It ends a transaction and takes an offset too, hence the gaps between messages';
    case 'abort':
      return 'an abort marker of Kafka. It ends a transaction of which nothing counts, and takes an offset too';
    case 'dead letter':
      return 'a dead letter. Its reader could never process it, parked it with the reason, and went on';
    case 'passed':
      return 'a request whose offset is committed while no decision is written: it is lost unless the process that read it still works on it';
    case 'lost':
      return 'a lost request. Its offset is committed, no decision is written, and nobody will decide it';
    case 'unknown':
      return 'not among the messages that this page keeps. Choose it to read it';
  }
  const of = slot.customer ? ` of ${slot.customer}` : '';
  const name = `${slot.look === 'rejected' ? 'a rejected ride' : 'a message'}${of}`;
  if (slot.state === 'open')
    return `${name}, in an open transaction: no read-committed reader may see it yet`;
  if (slot.state === 'aborted')
    return `${name} whose transaction was aborted: it keeps its offset and counts nowhere`;
  const committed = slot.state === 'committed' ? ', committed' : '';
  return `${name}${committed}, ${progress(slot, lane, readers)}`;
}

function progress(slot: Slot, lane: Lane, readers: Group[]): string {
  const waiting = readers.filter(({ partitions }) => (partitions[lane.partition]?.committed ?? 0) < slot.to);
  if (waiting.length === 0) return readers.length > 0 ? 'read by every reader' : 'nobody reads it';
  return `waiting for ${listed(waiting.map(({ name }) => name))}`;
}

/** One lane in a sentence. */
export function describeLane(lane: Lane, readers: Group[], ownerName: (id: string) => string): string {
  const parts = readers.map(({ name, partitions }) => {
    const place = partitions[lane.partition];
    if (!place) return `${name} does not read it`;
    const owner = place.owner ? `through ${ownerName(place.owner)}` : 'through no process now';
    return `${name} reads it ${owner}, ${plural(place.lag, 'offset')} behind`;
  });
  const stable =
    lane.stable < lane.end
      ? [`last stable offset ${count(lane.stable)}, where read-committed readers stop for now`]
      : [];
  const place = `${lane.topic}, partition ${lane.partition}, end offset ${count(lane.end)}`;
  return [place, ...stable, ...parts].join('; ');
}
