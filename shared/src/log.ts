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
  // Synchronous: the last lines before an end, which are those that explain it, are neither lost nor out of order.
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: true }));
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
