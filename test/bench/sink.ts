import { once } from 'node:events';
import { startProgram } from './program.ts';

export interface Sink {
  port: number;
  /** The number of accepted mails so far, and the most connections since the last call. */
  count(): Promise<{ mails: number; most: number }>;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const { process, stop } = startProgram('sink-server.ts');
  const [{ port }] = await once(process, 'message');
  return {
    port,
    async count() {
      process.send('count');
      const [answer] = await once(process, 'message');
      return answer;
    },
    stop,
  };
}
