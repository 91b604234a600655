/** How the field alloted_driver of ride_confirmed becomes assigned_driver: the releases, in their order. */
import type { Release } from '#lab';

/** The driver in the first of these fields that the message has. */
function field(message: Record<string, unknown>, ...names: string[]): string | null {
  const name = names.find((name) => name in message);
  if (!name) throw new Error(`the message has none of the fields ${names.join(', ')}`);
  return message[name] as string | null;
}

const today: Release = {
  write: (rest, driver) => ({ ...rest, alloted_driver: driver }),
  read: (message) => field(message, 'alloted_driver'),
};

const releases: Release[] = [
  // --- your part begins
  today,
  {
    write: (rest, driver) => ({ ...rest, alloted_driver: driver }),
    read: (message) => field(message, 'assigned_driver', 'alloted_driver'),
  },
  {
    write: (rest, driver) => ({ ...rest, assigned_driver: driver }),
    read: (message) => field(message, 'assigned_driver', 'alloted_driver'),
  },
  {
    write: (rest, driver) => ({ ...rest, assigned_driver: driver }),
    read: (message) => (message.assigned_driver ?? null) as string | null,
    afterRetention: true,
  },
  // --- your part ends
];

export default releases;
