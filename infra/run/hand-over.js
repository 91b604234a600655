// Replaces this process with another program, or runs it as a child where that is not possible.
import { spawn } from 'node:child_process';
import { compileCache } from './machine.js';

/** Behind a proxy (NODE_USE_ENV_PROXY, HTTP_PROXY) the processes on this machine still connect to each other directly. */
function withoutProxyAtHome(env) {
  const own = ['localhost', '127.0.0.1', '::1', '[::1]'];
  const name = env.no_proxy === undefined ? 'NO_PROXY' : 'no_proxy';
  return { ...env, [name]: [env[name], ...own].filter(Boolean).join(',') };
}

/** Keeps the standard streams, and ends with the same exit status or signal. Does not return. */
export function handOver(node, args) {
  // What was compiled once starts in half the time.
  const env = { NODE_COMPILE_CACHE: compileCache, ...withoutProxyAtHome(process.env) };
  // The channel to a parent (IPC) does not survive the replacement.
  if (process.execve && process.platform !== 'win32' && !process.channel) {
    process.execve(node, [node, ...args], env);
  }
  const stdio = ['inherit', 'inherit', 'inherit', ...(process.channel ? ['ipc'] : [])];
  const child = spawn(node, args, { stdio, env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.channel) {
    process.on('message', (message) => child.send(message));
    process.on('disconnect', () => child.connected && child.disconnect());
    child.on('message', (message) => process.send(message));
  }
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
