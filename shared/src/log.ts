/** Structured logs: JSON lines, or one readable line each when a person watches the terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';

export type Logger = pino.Logger;

/** @param level the least severe line that is written */
export function createLogger(service: string, level: string): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    redact: ['*.password', '*.authorization', '*.pass', 'password', 'authorization'],
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(
    options,
    pretty({
      ignore: 'pid,hostname,service',
      messageFormat: `${service}: {msg}`,
      sync: true,
      singleLine: true,
    }),
  );
}
