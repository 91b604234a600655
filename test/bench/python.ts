/** The Python for the tutorials' scripts, if it is installed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../support/copy.ts';
import { type Program, startProgram } from './program.ts';

export interface Python {
  command: string;
  /** The version of kafka-python. */
  version: string;
}

/** PYTHON, the project's own virtual environment, or the machine's python3: the first one with kafka-python. */
export function findPython(): Python | null {
  const own = join(project, '.rideflow/python/bin/python');
  for (const command of [process.env.PYTHON, existsSync(own) ? own : undefined, 'python3']) {
    if (command === undefined) continue;
    try {
      const print = ['-c', 'import kafka; print(kafka.__version__)'];
      return { command, version: execFileSync(command, print, { stdio: 'pipe' }).toString().trim() };
    } catch {} // the next one may have it
  }
  return null;
}

export const noPython =
  'The tutorials’ Python scripts were skipped, because kafka-python is not installed. To install it: python3 -m venv .rideflow/python && .rideflow/python/bin/pip install kafka-python.';

export const startTutorial = ({ command }: Python, ...args: string[]): Program =>
  startProgram('controls/tutorial.py', {}, { command, args });

/** Its name in the table, and the goal for rideflow: the older version is faster. */
export const nameOf = ({ version }: Python) => `the Python tutorial's, kafka-python ${version}`;
export const goalOver = ({ version }: Python) => ({ atLeast: version.startsWith('2.') ? 3 : 5 });
