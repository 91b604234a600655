/** The schemas that have an id, as JSON Schema for the two documents. */
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * @param ids the registered schemas to include, with every schema that they refer to
 * @param target OpenAPI 3.1 uses draft 2020-12, AsyncAPI 3.0 uses draft 7
 */
export function jsonSchemas(ids: string[], target: 'draft-2020-12' | 'draft-7'): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    target,
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => {
      forGenerators(jsonSchema);
      if (!('example' in jsonSchema)) return;
      jsonSchema.examples = [jsonSchema.example];
      delete jsonSchema.example;
    },
  });
  return Object.fromEntries(
    ids.map((id) => {
      const { $schema, $id, ...schema } = schemas[id] as JsonSchema;
      return [id, schema];
    }),
  );
}

const isNullableEnum = (schema: JsonSchema | boolean | undefined) =>
  typeof schema === 'object' &&
  (schema.anyOf ?? []).some((one) => one.enum) &&
  (schema.anyOf ?? []).some(({ type }) => type === 'null');

/** Lets code generators make types that compile and that accept every value of ours. */
function forGenerators(schema: JsonSchema): void {
  // C# would apply the pattern of a time to a DateTime. Python's EmailStr refuses me@localhost.
  if (schema.format === 'email') delete schema.format;
  else if (schema.format) delete schema.pattern;
  // A null in place of an enum that is required: C# throws.
  if (schema.required)
    schema.required = schema.required.filter((name) => !isNullableEnum(schema.properties?.[name]));
  if (schema.type === 'number') {
    if (Number.isInteger(schema.const)) schema.type = 'integer';
    else schema.format = 'double'; // otherwise a float32 in Go
  }
}

export const schemaRef = (id: string) => ({ $ref: `#/components/schemas/${id}` });
