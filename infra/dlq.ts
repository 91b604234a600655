/** `npm run dlq`: the dead-letter workbench on the command line. */

import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import { asJson, letterJson, outcomeJson, shownJson } from '@rideflow/shared/dead-letters/json.ts';
import type { Change } from '@rideflow/shared/dead-letters/replayed.ts';
import { openWorkbench, type Workbench } from '@rideflow/shared/dead-letters/workbench.ts';
import { formatCoordinates } from '@rideflow/shared/reading.ts';
import { toolClient } from './dlq/client.ts';
import { editedWith, setFields, valueFrom } from './dlq/edit.ts';
import { help, type Options, readOptions } from './dlq/options.ts';
import { listText, outcomeText, showText, summaryText } from './dlq/print.ts';
import { showProgress } from './dlq/progress.ts';

const { env, stdout } = process;
const print = (text: string) => void stdout.write(text);
/** More lines than this would hide the summary, so longer lists only show the refused dead letters. */
const mostLines = 50;

async function run(options: Options): Promise<number> {
  const workbench = await openWorkbench(toolClient('dlq', env, options.brokers));
  try {
    if (options.command === 'list') {
      const letters = await workbench.list(options);
      print(options.json ? asJson(letters.map(letterJson)) : listText(letters, options.resolved));
      return 0;
    }
    if (options.command === 'show') {
      const { letter, record } = await workbench.show(options.coordinates[0] as string);
      print(options.json ? asJson(shownJson(letter, record)) : showText(letter, record));
      return 0;
    }
    return await settle(workbench, options, options.command);
  } finally {
    await workbench.close();
  }
}

async function settle(workbench: Workbench, options: Options, command: 'replay' | 'drop'): Promise<number> {
  const change = await changeOf(workbench, options);
  const coordinates = options.all
    ? (await workbench.list(options)).map((letter) => formatCoordinates(letter.coordinates))
    : options.coordinates;
  const progress = await showProgress(coordinates.length, process.stderr);
  const outcomes = await workbench[command](coordinates, {
    change,
    again: options.again,
    asIs: options['as-is'],
    onOutcome: progress.step,
  }).finally(progress.stop);
  if (options.json) print(asJson(outcomes.map(outcomeJson)));
  else {
    const told = outcomes.length > mostLines ? outcomes.filter((o) => o.outcome === 'refused') : outcomes;
    for (const outcome of told.slice(0, mostLines)) print(`${outcomeText(outcome)}\n`);
    if (told.length > mostLines)
      print(`… and ${told.length - mostLines} more like these; --json prints all\n`);
    print(summaryText(outcomes, command));
  }
  return outcomes.some(({ outcome }) => outcome === 'refused') ? 1 : 0;
}

async function changeOf(workbench: Workbench, options: Options): Promise<Change | undefined> {
  if (options.set.length > 0) return setFields(options.set);
  const { 'value-file': file, edit, coordinates, again } = options;
  if (file !== undefined) return valueFrom(file);
  if (!edit) return undefined;
  const { letter, record } = await workbench.show(coordinates[0] as string);
  if (letter.resolved && !again) return undefined; // already settled, so there is nothing to edit
  return editedWith(env.VISUAL || env.EDITOR || 'vi', record.value);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) print(help);
  else process.exitCode = await run(options);
} catch (error) {
  if (!(error instanceof WorkbenchError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
