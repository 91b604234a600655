/**
 * Whether a message satisfies its schema, without making anything new. zod makes an object and more for each field, which was a
 * third of all that transaction did for a ride. So ajv compiles the JSON Schema that zod gives of itself. It accepts nothing
 * that zod refuses; whatever it does not accept is for zod to look at, and to explain.
 */
import { Ajv } from 'ajv';
import { z } from 'zod';
import { RideConfirmed, RideDetails, RideRequest } from './messages.ts';

const ajv = new Ajv({
  strict: false,
  validateFormats: false, // zod gives each format as a pattern, too
  unicodeRegExp: false, // patterns and lengths mean what they mean to zod
  unicode: false,
  logger: false, // it would say at each start that this option is an old one
});
const compiled = new WeakMap<z.ZodType, (value: unknown) => boolean>();

// Now and not with the first message, which would wait for it.
for (const schema of [RideRequest, RideDetails, RideConfirmed]) compile(schema);

/** True: zod accepts it, and gives it back as it is. False: perhaps. */
export function accepts<T>(schema: z.ZodType<T>, value: unknown): value is T {
  return (compiled.get(schema) ?? compile(schema))(value);
}

function compile(schema: z.ZodType): (value: unknown) => boolean {
  const check = ajv.compile(z.toJSONSchema(schema, { target: 'draft-07', override }));
  compiled.set(schema, check);
  return check;
}

/** @throws Error where JSON Schema does not say all that zod checks, or leaves a property in that zod takes out */
function override({
  zodSchema,
  jsonSchema,
}: Parameters<NonNullable<z.core.ToJSONSchemaParams['override']>>[0]) {
  const { type, checks = [], catchall } = zodSchema._zod.def as z.core.$ZodTypeDef & { catchall?: unknown };
  if (checks.some((check) => check._zod.def.check === 'custom') || (type === 'object' && !catchall))
    throw new Error('only strict objects without refinements can be checked without zod');
  // What may be null is looked at once, not once for each of the two.
  const [some, none, ...others] = jsonSchema.anyOf ?? [];
  if (typeof some?.type !== 'string' || none?.type !== 'null' || others.length > 0) return;
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, some, { type: [some.type, 'null'] });
}
