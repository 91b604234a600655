/** Structured logs: JSON lines, or readable lines in a terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';

export type Logger = pino.Logger;

/** @param level the lowest level that is logged */
export function createLogger(service: string, level: string): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    redact: ['*.password', '*.authorization', '*.pass', 'password', 'authorization'],
  };
  // Synchronous, so the last lines before the process ends, which explain why, are neither lost nor out of order.
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
