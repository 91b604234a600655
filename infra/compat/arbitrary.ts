/** Random messages of a schema for fast-check, which also finds the smallest failing one. */
import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from './history.ts';

/** Usual texts. The known problems of unusual ones must not hide problems of these. */
const usual = ['user_1', 'user_1@example.com', 'driver_4', '12mins'];

/** @throws Error when the schema uses an unsupported keyword, because the check would then prove less than it claims */
export function arbitraryOf(schema: Schema): Arbitrary<unknown> {
  const { anyOf, type, enum: values } = schema as { anyOf?: Schema[]; type?: string; enum?: unknown[] };
  if (anyOf) return fc.oneof(...anyOf.map((one) => arbitraryOf(one)));
  if (values) return fc.constantFrom(...values);
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum as number, max: schema.maximum as number });
    case 'number':
      return fc.double({ min: schema.minimum as number, max: schema.maximum as number, noNaN: true });
    case 'object':
      return objectOf(schema);
    default:
      throw new Error(`no random messages of ${JSON.stringify(schema)}`);
  }
}

function objectOf({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, Schema>);
  return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)])), {
    requiredKeys: required as string[],
  });
}

function textOf({ format, pattern, minLength = 0, maxLength = 200 }: Schema): Arbitrary<string> {
  const fits = (text: string) =>
    text.length >= (minLength as number) &&
    text.length <= (maxLength as number) &&
    (!pattern || new RegExp(pattern as string).test(text));
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (pattern)
    return fc.oneof(
      ...usual.filter(fits).map((text) => fc.constant(text)),
      fc.stringMatching(new RegExp(pattern as string)).filter(fits),
    );
  return fc.string({ minLength: minLength as number, maxLength: maxLength as number });
}
