/** The booking desk: stores each ride in its database and writes it to ride_details. */
import type { Desk, DualWrite, Ride } from '#lab';

export default async function start({ kafka, db, record }: DualWrite): Promise<Desk> {
  const producer = kafka.producer();
  await producer.connect();
  // --- your part begins
  return {
    async book(ride: Ride) {
      await db.insertRide(ride);
      await producer.send({ topic: 'ride_details', messages: [record(ride)] });
    },
  };
  // --- your part ends
}
