/** Where on the map a step of a ride happens. Pure. */
import type { Step } from '../../../src/protocol.ts';

export type StepPlace = { row: string } | { mark: string } | { row: 'dead letters' };

/** `row` is the name of a row of the map: a service, or the bin; `mark` the coordinates of a message. */
export function placeOfStep({ name, by, coordinates }: Step): StepPlace {
  const service = by?.replace(/-\d+$/, '');
  switch (name) {
    case 'received':
      return { row: 'rides' };
    case 'counted':
      return { row: 'analytics' };
    case 'mailed':
      return { row: 'email' };
    case 'dead letter':
      return { row: 'dead letters' };
    case 'read':
    case 'retry':
    case 'fenced':
    case 'repeat':
      return { row: service ?? 'transaction' };
    default:
      return coordinates ? { mark: coordinates } : { row: 'transaction' };
  }
}
