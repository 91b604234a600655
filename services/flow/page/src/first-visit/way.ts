/** The way of a ride in five sentences. */
export const way = [
  { at: 'rides', text: 'The rides service checks it, and answers as soon as Kafka has it on disk.' },
  {
    at: 'requests',
    text: 'It becomes a message on one partition of ride_details, at the next offset.',
  },
  {
    at: 'transaction',
    text: 'Transaction reads it, decides, and writes, all in one Kafka transaction.',
  },
  {
    at: 'decisions',
    text: 'The decision is on ride_confirmed: hollow until its transaction is committed.',
  },
  {
    at: 'effects',
    text: 'Analytics counts it, email tells the customer, each at its own pace.',
  },
] as const;
