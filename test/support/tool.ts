import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Runs a command of infra as a person would, with these variables beside PATH. Resolves when it has ended. */
export function runTool(name: string, args: string[], variables: NodeJS.ProcessEnv = {}) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const script = join(import.meta.dirname, `../../infra/${name}.ts`);
  return new Promise<{ code: number; out: string; err: string }>((resolve) =>
    execFile(
      process.execPath,
      [script, ...args],
      { env: { PATH, NODE_COMPILE_CACHE, ...variables } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    ),
  );
}
