/** Mails each customer the decision about the ride. */
import { createHash } from 'node:crypto';
import type { MailBoundary } from '#lab';

export default async function start({ kafka, mailer }: MailBoundary) {
  const consumer = kafka.consumer({ groupId: 'email' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'ride_confirmed', fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const decision = JSON.parse(String(message.value));
      const next = String(BigInt(message.offset) + 1n);
      const subject = `Your ride is ${decision.status}`;
      // --- your part begins
      const identity = String(decision.id);
      const messageId = `<${createHash('sha256').update(identity).digest('hex').slice(0, 32)}@example.com>`;
      await mailer.send({ to: decision.customer_email, subject, messageId, rideId: decision.id });
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
      // --- your part ends
    },
  });
}
