import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

type Env = NodeJS.ProcessEnv;

/** A Java that was tried: its command and its version, for example `17.0.15`. */
export interface Java {
  command: string;
  version: string;
  major: number;
}

/** Runs a command to its end. Never rejects: `code` is not 0 when the command fails, and null when it cannot be started. */
export function run(
  command: string,
  args: string[],
  env: Env,
  timeout = 20_000,
  cwd = process.cwd(),
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (!error) return resolve({ code: 0, output });
      resolve({ code: typeof error.code === 'number' ? error.code : null, output: output || error.message });
    });
  });
}

/**
 * The environment for Java and Maven. File names are UTF-8, even if the locale is C or POSIX, as in containers and over ssh.
 */
export function javaEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) ? env : { ...env, LC_ALL: 'C.UTF-8' };
}

/** The newer Java of JAVA_HOME and PATH; undefined when there is none. */
export async function findJava(env: Env): Promise<Java | undefined> {
  const commands = env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', 'java'), 'java'] : ['java'];
  const found: Java[] = [];
  for (const command of commands) {
    const { code, output } = await run(command, ['-version'], javaEnvironment(env));
    const version = /version "([^"]+)"/.exec(output)?.[1];
    if (code !== 0 || !version) continue;
    const [first, second] = version.split(/[._-]/).map(Number);
    const major = (first === 1 ? second : first) ?? 0; // "1.8.0" is Java 8
    found.push({ command, version, major });
    if (major >= 17) break;
  }
  return found.sort((a, b) => b.major - a.major)[0];
}

/** The command that runs Maven: from MAVEN_HOME, else `mvn` from the PATH. Undefined when there is none. */
export async function findMaven(env: Env): Promise<{ command: string; version: string } | undefined> {
  const home = env.MAVEN_HOME ?? env.M2_HOME;
  const command = home && existsSync(join(home, 'bin', 'mvn')) ? join(home, 'bin', 'mvn') : 'mvn';
  const { code, output } = await run(command, ['-v', '-B'], javaEnvironment(env));
  const version = /Apache Maven (\S+)/.exec(output)?.[1];
  return code === 0 && version ? { command, version } : undefined;
}
