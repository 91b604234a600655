/** Mails each customer the decision about the ride. */
import { randomUUID } from 'node:crypto';
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
      const messageId = `<${randomUUID()}@example.com>`;
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
      await mailer.send({ to: decision.customer_email, subject, messageId, rideId: decision.id });
      // --- your part ends
    },
  });
}
