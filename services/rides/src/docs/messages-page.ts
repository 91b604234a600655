/** The AsyncAPI document as a page: each topic with who writes and reads it, each message with its headers and fields. */
import { readFileSync } from 'node:fs';
import { escapeHtml, pageOf } from '@rideflow/shared/http/html.ts';
import { documents } from '@rideflow/shared/http/page.ts';
import { tabs } from './tabs.ts';

interface Reference {
  $ref: string;
}
/** What is used of JSON Schema draft 7. */
interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}
interface Message {
  name: string;
  title: string;
  summary?: string;
  headers: Schema;
  payload: Schema;
  bindings?: { kafka: { key: Schema } };
  examples?: { name: string; summary?: string; headers: object; payload: object }[];
}
interface Channel {
  address: string;
  description: string;
  messages: Record<string, Reference>;
}
interface Operation {
  channel: Reference;
  title: string;
  description: string;
  bindings?: { kafka: { groupId: Schema } };
}
interface Document {
  asyncapi: string;
  info: { description: string };
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message>; schemas: Record<string, Schema> };
}

const text = (value: unknown) => escapeHtml(typeof value === 'string' ? value : JSON.stringify(value));
const code = (value: unknown) => `<code>${text(value)}</code>`;

export function messagesPage(bar: string): string {
  const document: Document = JSON.parse(readFileSync(documents.asyncApi, 'utf8'));
  const { info, channels, components } = document;
  const content = `<main>
<p>${text(info.description)}</p>
<p class="soft">The document itself is <a href="/asyncapi.json">/asyncapi.json</a>, AsyncAPI ${text(document.asyncapi)}.</p>
${Object.keys(channels)
  .map((name) => topic(name, document))
  .join('')}
${Object.entries(components.messages)
  .map(([name, message]) => messageOf(name, message, components.schemas))
  .join('')}
</main>`;
  return pageOf({
    title: 'messages on Kafka',
    bar,
    end: tabs('/docs/messages'),
    content,
    head: '<link rel="stylesheet" href="/docs/docs.css">\n',
  });
}

function topic(name: string, { channels, operations }: Document): string {
  const { address, description, messages } = channels[name] as Channel;
  const rows = Object.values(operations)
    .filter(({ channel }) => channel.$ref === `#/channels/${name}`)
    .map(({ title, description, bindings }) => {
      const group = bindings?.kafka.groupId.const;
      return [
        text(title.replace(` ${address}`, '')),
        text(description),
        group === undefined ? '' : code(group),
      ];
    });
  const links = Object.keys(messages).map((message) => `<a href="#${text(message)}">${text(message)}</a>`);
  return `<section class="panel" id="${text(name)}"><h2>Topic ${code(address)}</h2>
<p>${text(description)} Message: ${links.join(', ')}.</p>
${table(`Who uses ${address}`, ['who', 'what', 'consumer group'], rows)}</section>
`;
}

function messageOf(name: string, message: Message, schemas: Record<string, Schema>): string {
  const { title, summary = '', bindings, headers, payload, examples = [] } = message;
  const key = bindings?.kafka.key;
  const parts = (what: string, schema: Schema) => {
    const rows = fields(schema, schemas);
    return rows.length > 0
      ? `<h3>${what}</h3>${table(`${what} of ${name}`, ['name', 'type', 'meaning'], rows)}`
      : `<h3>${what}</h3><p>${text(schema.description ?? '')}</p>`;
  };
  return `<section class="panel" id="${text(name)}"><h2>Message ${code(name)}</h2>
<p>${text(title)}. ${text(summary)}</p>
${key ? `<h3>Key</h3><p>${text(key.description ?? '')} ${typeOf(key, schemas)}</p>` : ''}
${parts('Headers', headers)}
${parts('Value', payload)}
${examples.map(example).join('')}</section>
`;
}

const example = ({ name, summary, headers, payload }: NonNullable<Message['examples']>[number]) =>
  `<details><summary>Example: ${text(name)}${summary ? `. ${text(summary)}` : ''}</summary>
<pre tabindex="0">${text(JSON.stringify({ headers, value: payload }, null, 2))}</pre></details>
`;

/** One row for each field; those of an object inside follow it, with dots in their names. */
function fields(schema: Schema, schemas: Record<string, Schema>, path = ''): string[][] {
  const { properties = {}, required = [] } = resolve(schema, schemas);
  return Object.entries(properties).flatMap(([name, field]) => {
    const optional = required.includes(name) ? '' : '<br><span class="soft">optional</span>';
    const { description = '' } = { ...resolve(field, schemas), ...field };
    const inner = [field, ...(field.anyOf ?? [])].flatMap((one) => fields(one, schemas, `${path}${name}.`));
    return [[code(path + name) + optional, typeOf(field, schemas), text(description)], ...inner];
  });
}

/** `text matching ^\d+$`, as HTML. */
function typeOf(schema: Schema, schemas: Record<string, Schema>): string {
  const { type, anyOf, format, pattern, minimum, maximum, minLength, maxLength, ...more } = resolve(
    schema,
    schemas,
  );
  if (more.const !== undefined) return code(more.const);
  if (more.enum) return more.enum.map(code).join(' or ');
  if (anyOf) return anyOf.map((one) => typeOf(one, schemas)).join(' or ');
  return [
    text(type ?? 'bytes'),
    format && text(format),
    minimum !== undefined && `from ${minimum} to ${maximum}`,
    maxLength !== undefined && `${minLength ?? 0} to ${maxLength} characters`,
    pattern && `matching ${code(pattern)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

const resolve = (schema: Schema, schemas: Record<string, Schema>): Schema =>
  schema.$ref ? (schemas[schema.$ref.split('/').at(-1) as string] as Schema) : schema;

/** @param rows of HTML */
function table(label: string, heads: string[], rows: string[][]): string {
  const line = (tag: string, cells: string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${text(label)}"><table><thead>${line('th', heads)}</thead>
<tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody></table></div>`;
}
