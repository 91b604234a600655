import type { Message } from 'kafkajs';

/** How each deciding control handles a ride: parsed, decided, written as JSON. */
export function decided({ key = null, value }: Message): Message {
  const ride = JSON.parse(String(value));
  const decision = { ...ride, status: 'confirmed', alloted_driver: 'driver_1', pickup_time: '12mins' };
  return { key, value: JSON.stringify(decision) };
}
