/** The booking desk: stores each ride in its database and writes it to ride_details. */
import type { Desk, DualWrite, Ride } from '#lab';

export default async function start({ kafka, db, record }: DualWrite): Promise<Desk> {
  const producer = kafka.producer();
  await producer.connect();
  // --- your part begins
  async function relay() {
    for (const { number, ride } of await db.outbox()) {
      await producer.send({ topic: 'ride_details', messages: [record(ride)] });
      await db.deleteFromOutbox(number);
    }
  }

  await relay(); // what a crash has left
  return {
    async book(ride: Ride) {
      await db.insertIntoOutbox(ride);
      await db.insertRide(ride);
      await relay();
    },
  };
  // --- your part ends
}
