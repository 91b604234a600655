import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { run } from './tools.ts';

type Env = NodeJS.ProcessEnv;

/** The version of the Docker engine; or, as a clause, why none answers, and what to do if starting Docker does not help. */
export async function dockerEngine(
  env: Env,
): Promise<{ version: string } | { problem: string; remedy?: string }> {
  const { code, output } = await run('docker', ['version', '--format', '{{.Server.Version}}'], env);
  if (code === 0) return { version: output.trim() };
  if (code === null) return { problem: 'Docker is not installed' };
  if (!/permission denied/i.test(output)) return { problem: 'no Docker daemon answers' };
  return {
    problem: 'this user is not allowed to use Docker',
    remedy:
      'run "sudo usermod -aG docker $USER" and log in again (members of that group have the rights of root on this machine)',
  };
}

/** True when this machine has the image already. */
export async function hasImage(env: Env, image: string): Promise<boolean> {
  return (await run('docker', ['image', 'inspect', image], env)).code === 0;
}

/** Pulls the image. Returns undefined on success, or else Docker's error message. */
export async function pullImage(
  env: Env,
  image: string,
  onProgress: (line: string) => void,
): Promise<string | undefined> {
  onProgress(`Pulling the image ${image} (about 200 MB, only the first time)`);
  const child = spawn('docker', ['pull', image], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  let layers = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.endsWith('Pull complete')) onProgress(`${++layers} layers pulled`);
  }
  return (await ended) === 0 ? undefined : complaint.trim() || 'docker pull failed';
}
