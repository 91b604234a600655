/** The tutorials' Python, where it is there. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../support/copy.ts';
import { type Program, startProgram } from './program.ts';

export interface Python {
  command: string;
  /** Of kafka-python. */
  version: string;
}

/** PYTHON, the project's own virtual environment, or the machine's python3: the first one that has kafka-python. */
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
  'The tutorials’ Python scripts were left out: there is no kafka-python. To have it: python3 -m venv .rideflow/python && .rideflow/python/bin/pip install kafka-python.';

export const startTutorial = ({ command }: Python, ...args: string[]): Program =>
  startProgram('controls/tutorial.py', {}, { command, args });

/** How the table names it, and how much faster rideflow is to be: the older version is the faster one. */
export const nameOf = ({ version }: Python) => `the Python tutorial's, kafka-python ${version}`;
export const goalOver = ({ version }: Python) => ({ atLeast: version.startsWith('2.') ? 3 : 5 });
