import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { project } from '../support/copy.ts';

export interface Ended {
  status: number | null;
  /** What it wrote to both streams. */
  output: string;
}

/**
 * Runs a program of this project with this Node to its end.
 * @param onLine gets each line that it writes
 * @param folder a copy of the project, instead of the project itself
 */
export async function runProgram(
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
  folder = project,
): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines: string[] = [];
  await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        lines.push(line);
        onLine(line);
      }
    }),
  );
  return { status: await ended, output: lines.join('\n') };
}
