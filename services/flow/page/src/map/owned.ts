/** Which partitions a process has. Pure. */
import type { Process, View } from '../../../src/protocol.ts';

export const owned = ({ id, service }: Process, { groups }: Pick<View, 'groups'>): number[] =>
  groups
    .filter(({ name }) => name === service)
    .flatMap(({ partitions }) =>
      partitions.flatMap(({ owner }, partition) => (owner === id ? [partition] : [])),
    );
