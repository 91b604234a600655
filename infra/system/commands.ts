/** The commands that a person types beside `npm start`. */

interface Places {
  brokers: string[];
  rides: string;
  /** Undefined if the mails go to another server. */
  mailbox: string | undefined;
  analytics: string;
}

/** `npm run book` and `npm run check` with every address that is not their default; none if all are. */
export function commandsFor({ brokers, rides, mailbox, analytics }: Places): string[] {
  const usual = {
    rides: 'http://localhost:4000',
    mailbox: 'http://localhost:1080',
    broker: 'localhost:9092',
  };
  const book = rides === usual.rides ? '' : ` --url ${rides}`;
  const check = [
    brokers[0] === usual.broker ? '' : ` --brokers ${brokers.join(',')}`,
    mailbox === usual.mailbox ? '' : ` --mailbox ${mailbox ?? 'none'}`,
    analytics === 'http://localhost:4003' ? '' : ` --stats ${analytics}`,
  ].join('');
  return [
    ...(book ? [`npm run book -- --random 100${book}`] : []),
    ...(check ? [`npm run check --${check}`] : []),
  ];
}
