/**
 * `npm run compat`: checks that every kept message is readable, and that both sides of a rolling upgrade understand each
 * other.
 */
import { parseArgs } from 'node:util';
import { goldenOf } from './compat/golden.ts';
import { type MessageName, messageNames, messages, published } from './compat/history.ts';
import { type Break, judge } from './compat/judge.ts';
import { knownFor } from './compat/known-breaks.ts';
import { changed, publish, unpublished } from './compat/publish.ts';

const help = `npm run compat                     checks the messages of this code against every published version in shared/schemas
npm run compat -- --publish        adds a version for each message whose schema has changed; published versions never change

Two rules, each with golden messages and 300 random ones:
  replay           today's readers accept what every version has written
  rolling upgrade  the readers of every version accept what today's writers write

It exits with 1 for a break other than those in infra/compat/known-breaks.ts, for a schema that is not published, and for a
published file that was changed.`;

const rules = ['replay', 'rolling upgrade'] as const;

const options = parseOrExit();
const said = changed();
if (options.publish && said.length === 0) {
  for (const message of unpublished())
    console.log(`${message}: published version ${publish(message, goldenOf[message])}`);
}
said.push(
  ...unpublished().map(
    (message) =>
      `${message}: the schema of the code is not the newest published version. If you intend the change, "npm run compat -- --publish" adds a version.`,
  ),
);
for (const message of messageNames) said.push(...report(message));
if (said.length > 0) console.log(`\n${said.join('\n\n')}`);
console.log(said.length > 0 ? `\n${said.length} violations` : '\nno violations');
process.exit(said.length > 0 ? 1 : 0);

/** Prints the rules that hold. @returns the breaks, as text */
function report(message: MessageName): string[] {
  const versions = published(message);
  const { topic, readers } = messages[message];
  console.log(
    `${message} on ${topic}, read by ${readers}: versions ${versions.map(({ number }) => number).join(', ')}`,
  );
  const breaks = judge(message, versions);
  for (const rule of rules) {
    const broken = breaks.filter((found) => found.rule === rule).map(({ version }) => version);
    const fine = versions.filter(({ number }) => !broken.includes(number)).map(({ number }) => number);
    console.log(`  ${rule.padEnd(16)} holds for ${fine.join(', ') || 'none'}`);
    for (const { number } of versions)
      for (const { because } of knownFor({ message, rule, version: number }))
        console.log(`${' '.repeat(19)}known of version ${number}: ${because}`);
  }
  return breaks.map(format);
}

function format({ message, rule, reader, writer, path, why, counterexample }: Break): string {
  return [
    `${message} breaks the rule "${rule}"`,
    `  writer   ${writer}`,
    `  reader   ${reader}`,
    `  field    ${path || 'the whole message'}`,
    `  because  ${why}`,
    `  message  ${JSON.stringify(counterexample)}`,
  ].join('\n');
}

function parseOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        publish: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
