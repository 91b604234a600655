import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { run } from './tools.ts';

type Env = NodeJS.ProcessEnv;

/** The version of the Docker engine that answers, or why none does. */
export async function dockerEngine(env: Env): Promise<{ version: string } | { problem: string }> {
  const { code, output } = await run('docker', ['version', '--format', '{{.Server.Version}}'], env);
  if (code === 0) return { version: output.trim() };
  return { problem: code === null ? 'there is no docker command' : 'no Docker daemon answers' };
}

/** True when this machine has the image already. */
export async function hasImage(env: Env, image: string): Promise<boolean> {
  return (await run('docker', ['image', 'inspect', image], env)).code === 0;
}

/** Pulls the image. Returns undefined when that worked, else the reason in Docker's words. */
export async function pullImage(
  env: Env,
  image: string,
  onProgress: (line: string) => void,
): Promise<string | undefined> {
  onProgress(`Pulling the image ${image}, about 200 MB, only this once.`);
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
    if (line.endsWith('Pull complete')) onProgress(`${++layers} layers of the image are here.`);
  }
  return (await ended) === 0 ? undefined : complaint.trim() || 'docker pull failed';
}
