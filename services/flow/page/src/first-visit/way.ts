/** The way of a ride in five sentences. */
export const way = [
  { at: 'rides', text: 'The rides service checks it, and answers as soon as Kafka has it on disk.' },
  {
    at: 'requests',
    text: 'It becomes a message on one partition of ride_details, at the next offset: a mark on this lane.',
  },
  {
    at: 'transaction',
    text: 'Transaction reads it, decides, and writes, all in one Kafka transaction.',
  },
  {
    at: 'decisions',
    text: 'The decision stands on ride_confirmed: hollow while its transaction is open, solid once committed.',
  },
  {
    at: 'effects',
    text: 'Analytics counts it, email tells the customer, each at its own pace.',
  },
] as const;
