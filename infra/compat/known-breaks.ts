/** Known breaks from when a version was published, each with its reason. Every other break is reported. */
import type { Break } from './judge.ts';

type Pair = Pick<Break, 'message' | 'rule' | 'version'>;
type Fields = Record<string, unknown>;

interface KnownBreak {
  appliesTo: (pair: Pair) => boolean;
  /** Whether it applies to this message. */
  concerns: (value: Fields) => boolean;
  because: string;
}

/** The addresses of version 1. */
const firstAddress =
  /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

const knownBreaks: KnownBreak[] = [
  {
    appliesTo: ({ rule, version }) => rule === 'rolling upgrade' && version === 1,
    concerns: ({ customer_email }) => !firstAddress.test(String(customer_email)),
    because:
      'version 2 accepts every address of RFC 5321, with Punycode domains too. A reader of version 1 parks a message with such an ' +
      'address as a dead letter, which can be replayed after the upgrade.',
  },
  {
    appliesTo: ({ rule, version }) => rule === 'replay' && version === 1,
    concerns: ({ customer_email }) => /-\.|[^.@]{64}/.test(String(customer_email).split('@')[1] ?? ''),
    because:
      'version 1 accepted domains that cannot exist: a label that ends with a hyphen or has more than 63 characters (RFC 1035, 2.3.1).',
  },
  {
    appliesTo: ({ message }) => message === 'RideConfirmed',
    concerns: ({ status, alloted_driver, pickup_time, pickup_minutes }) =>
      status === 'confirmed' && [alloted_driver, pickup_time, pickup_minutes].includes(null),
    because:
      'the schema allows a confirmed ride without a driver or a pickup time. Our writers never write one, and readers park it.',
  },
];

export const knownFor = (pair: Pair): KnownBreak[] => knownBreaks.filter(({ appliesTo }) => appliesTo(pair));
