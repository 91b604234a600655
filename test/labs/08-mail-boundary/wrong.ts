import type { WrongRepair } from '../engine/lab.ts';

const coordinates = '`${topic}/${partition}/${message.offset}`';
const identity = `message.headers?.ce_id?.toString() ?? ${coordinates}`;
const send = 'await mailer.send({ to: decision.customer_email, subject, messageId, rideId: decision.id });';
const commit = 'await consumer.commitOffsets([{ topic, partition, offset: next }]);';

export const wrong: WrongRepair[] = [
  {
    name: 'commit-first',
    hint: 'lost',
    of: 'starter',
    edits: [{ from: `${send}\n      ${commit}`, to: `${commit}\n      ${send}` }],
  },
  { name: 'by-customer', hint: 'too-wide', edits: [{ from: identity, to: 'decision.customer_id' }] },
  { name: 'by-coordinates', hint: 'coordinates', edits: [{ from: identity, to: coordinates }] },
  {
    name: 'remembers-in-memory',
    hint: 'changes',
    of: 'starter',
    edits: [
      { from: 'export default', to: 'const sent = new Set<string>();\n\nexport default' },
      { from: send, to: `if (!sent.has(decision.id)) ${send}\n      sent.add(decision.id);` },
    ],
  },
  { name: 'by-ride-id', hint: 'by-id', edits: [{ from: identity, to: 'String(decision.id)' }] },
  {
    name: 'only-ce-id',
    hint: 'no-header',
    edits: [{ from: identity, to: 'String(message.headers?.ce_id)' }],
  },
];
