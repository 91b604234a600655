import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { allTopics } from '../topology.ts';
import { asyncApi } from './asyncapi.ts';
import { generated, isStale } from './generate.ts';
import { openApi } from './openapi.ts';

const specs = createRequire(import.meta.url)('@asyncapi/specs');

test('the generated files are what the schemas and the topology say', () => {
  expect(generated.filter(isStale).map(({ file }) => `${file.pathname} is stale`)).toEqual([]);
});

test('the OpenAPI document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(openApi()));
  expect(result).toEqual(expect.objectContaining({ valid: true }));
});

test('the AsyncAPI document is valid AsyncAPI 3.0', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const valid = ajv.compile(specs.schemasWithoutId['3.0.0']);
  valid(asyncApi());
  expect(valid.errors ?? []).toEqual([]);
});

test('every reference in both documents leads somewhere', () => {
  for (const document of [openApi(), asyncApi()]) {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path as string,
    );
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of refs) expect([ref, lookUp(document, ref)]).not.toEqual([ref, undefined]);
  }
});

/** Every schema in a document, also those inside others. */
function schemasIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(schemasIn);
  return 'type' in value || 'const' in value ? [value as Record<string, unknown>, ...inner] : inner;
}

test('code generators can use the documents: what they have stumbled over is not in them', () => {
  for (const document of [openApi(), asyncApi()]) {
    const schemas = schemasIn(document);
    expect(schemas.length).toBeGreaterThan(20);
    for (const { type, format, pattern, const: only, required = [], properties = {} } of schemas) {
      // C# throws at a null in place of an enum that is required.
      for (const name of required as string[]) {
        const choices = JSON.stringify((properties as Record<string, unknown>)[name] ?? '');
        if (choices.includes('"enum"'))
          expect([name, choices]).not.toContainEqual(expect.stringContaining('"null"'));
      }
      // C# and Python make a time or an address object of the format, and cannot match that with a pattern.
      if (format) expect([format, pattern]).toEqual([format, undefined]);
      // Clients would refuse addresses such as me@localhost, which we accept.
      expect(format).not.toBe('email');
      // Regular expressions of Go and Rust (pydantic) have neither lookaround nor backreferences.
      expect(String(pattern)).not.toMatch(/\(\?[=!<]|\\[1-9k]/);
      // Go makes a float32 of a number that says no more.
      if (type === 'number') expect(format).toBe('double');
      if (typeof only === 'number') expect(type).toBe('integer');
    }
  }
});

const lookUp = (document: object, path: string) =>
  path
    .split('/')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);

test('every topic is a channel, and every reader has its own dead-letter channel', () => {
  expect(Object.keys(asyncApi().channels).sort()).toEqual(allTopics().sort());
});

test('the examples in the AsyncAPI document satisfy their schemas', () => {
  const { messages, schemas } = asyncApi().components;
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const check = (schema: object, value: unknown) => {
    const valid = ajv.compile({ ...schema, components: { schemas } });
    valid(value);
    expect(valid.errors ?? []).toEqual([]);
  };
  for (const message of [messages.RideDetails, messages.RideConfirmed]) {
    for (const example of message.examples) {
      check(message.payload, example.payload);
      check(message.headers, example.headers);
    }
  }
});

test('the examples in the OpenAPI document satisfy their schemas', () => {
  const document = openApi();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  const contents = Object.values(document.paths).flatMap((path) =>
    Object.values(path as object).flatMap((operation) => [
      ...Object.values(operation.requestBody?.content ?? {}),
      ...Object.values(operation.responses as Record<string, { content: object }>).flatMap(({ content }) =>
        Object.values(content),
      ),
    ]),
  ) as { schema: object; example?: unknown }[];
  const withExample = contents.filter(({ example }) => example !== undefined);
  expect(withExample.length).toBeGreaterThan(5);
  for (const { schema, example } of withExample) {
    const valid = ajv.compile({ ...schema, components: document.components });
    valid(example);
    expect(valid.errors ?? []).toEqual([]);
  }
});
