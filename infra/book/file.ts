/** Rides from a file. */
import { wrongFields } from '@rideflow/shared/http/fields.ts';
import { RideRequest } from '@rideflow/shared/messages.ts';
import { readTextFile } from '@rideflow/shared/text-file.ts';
import type { z } from 'zod';

/** An unusable file, option or address. The message is for the person who gave it. */
export class BadInput extends Error {
  override name = 'BadInput';
}

/** The most wrong entries that are listed. */
const listed = 10;

/**
 * Reads a JSON array of ride requests.
 * @throws BadInput what is wrong with the file, or with which entries
 */
export async function ridesFromFile(path: string): Promise<RideRequest[]> {
  const entries = parse(path, read(path));
  if (!Array.isArray(entries)) throw new BadInput(`${path} is not a JSON array. ${shape}.`);
  if (entries.length === 0) throw new BadInput(`${path} contains no rides. ${shape}.`);
  const results = entries.map((entry) => RideRequest.safeParse(entry));
  const wrong = results.flatMap(({ error }, index) =>
    error ? [`  entry ${index + 1}: ${describe(error, entries[index])}`] : [],
  );
  if (wrong.length > 0) {
    const more = wrong.length > listed ? [`  and ${wrong.length - listed} more`] : [];
    const count = wrong.length === 1 ? 'One entry' : `${wrong.length} entries`;
    throw new BadInput(
      [`${count} in ${path} cannot be booked. Nothing was sent:`, ...wrong.slice(0, listed), ...more].join(
        '\n',
      ),
    );
  }
  return results.flatMap(({ data }) => data ?? []);
}

const describe = (error: z.ZodError, entry: unknown) =>
  wrongFields(error, entry)
    .map(({ pointer, detail }) => `${pointer} ${detail}`.trim())
    .join('; ');

const shape =
  'Use an array of rides, such as [{"customer_id": "user_1", "location": {"lat": 12.97, "long": 77.59}}]';

function read(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(
      code === 'ENOENT' ? `The file ${path} does not exist.` : `${path} cannot be read: ${message}.`,
    );
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadInput(`${path} is not JSON: ${(error as Error).message}. ${shape}.`);
  }
}
