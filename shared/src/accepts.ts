/**
 * Checks whether a message satisfies its schema, without allocating objects. zod allocates an object and more for each field,
 * which took a third of the time that transaction spent on a ride. So ajv compiles the JSON Schema that zod exports. It
 * accepts nothing that zod rejects. What it does not accept goes to zod, which decides and explains.
 */
import { Ajv } from 'ajv';
import { z } from 'zod';
import { RideConfirmed, RideDetails, RideRequest } from './messages.ts';

const ajv = new Ajv({
  strict: false,
  // What zod exports is a schema: checking that takes longer than all else that is done here.
  meta: false,
  validateSchema: false,
  validateFormats: false, // zod also exports each format as a pattern
  unicodeRegExp: false, // patterns and lengths mean the same as in zod
  unicode: false,
  logger: false, // ajv would log at each start that this option is deprecated
});
const compiled = new WeakMap<z.ZodType, (value: unknown) => boolean>();

// Compiles now, so the first message does not wait for it.
for (const schema of [RideRequest, RideDetails, RideConfirmed]) compile(schema);

/** True: zod accepts it and returns it unchanged. False: unknown, ask zod. */
export function accepts<T>(schema: z.ZodType<T>, value: unknown): value is T {
  return (compiled.get(schema) ?? compile(schema))(value);
}

function compile(schema: z.ZodType): (value: unknown) => boolean {
  const check = ajv.compile(z.toJSONSchema(schema, { target: 'draft-07', override }));
  compiled.set(schema, check);
  return check;
}

/** @throws Error if JSON Schema cannot express what zod checks, or keeps a property that zod removes */
function override({
  zodSchema,
  jsonSchema,
}: Parameters<NonNullable<z.core.ToJSONSchemaParams['override']>>[0]) {
  const { type, checks = [], catchall } = zodSchema._zod.def as z.core.$ZodTypeDef & { catchall?: unknown };
  if (checks.some((check) => check._zod.def.check === 'custom') || (type === 'object' && !catchall))
    throw new Error('only strict objects without refinements can be checked without zod');
  // A nullable value is checked once, not once for each alternative.
  const [some, none, ...others] = jsonSchema.anyOf ?? [];
  if (typeof some?.type !== 'string' || none?.type !== 'null' || others.length > 0) return;
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, some, { type: [some.type, 'null'] });
}
