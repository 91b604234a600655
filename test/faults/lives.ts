/** Measures the resources of each process over its life. A long-lived process that needs more and more has a leak. */
import type { System } from '../../infra/system/system.ts';
import { openFiles, residentMb } from './memory.ts';

interface Life {
  pid: number;
  from: number;
  to: number;
  /** Memory in MB and open files: first, last and most. Ignores the first minute, in which a process warms up. */
  memory: [number, number, number];
  files: [number, number, number];
}

/** In milliseconds. */
const warmingUp = 60_000;
const every = 5000;

export class Lives {
  readonly #system: System;
  readonly #lives = new Map<string, Life[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(system: System) {
    this.#system = system;
    this.#timer = setInterval(() => void this.#look(), every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** `rides 180 MB, 45 files` for each current process. */
  now(): string {
    const newest = [...this.#lives].map(([name, lives]) => [name, lives.at(-1) as Life] as const);
    return newest.map(([name, { memory, files }]) => `${name} ${memory[1]} MB ${files[1]} files`).join(', ');
  }

  /** A row for each process: its longest life, and the most of all lives. */
  table(): string {
    const rows = [...this.#lives].map(([name, lives]) => {
      const longest = lives.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0] as Life;
      const most = (of: 'memory' | 'files') => Math.max(...lives.map((life) => life[of][2]));
      const [memory, files] = [longest.memory, longest.files];
      const minutes = ((longest.to - longest.from) / 60_000).toFixed(1);
      return `| ${name} | ${lives.length} | ${minutes} min | ${memory[0]} → ${memory[1]} MB | ${most('memory')} MB | ${files[0]} → ${files[1]} | ${most('files')} |`;
    });
    return `| process | starts | longest life | memory after a minute and at the end | most | open files likewise | most |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
  }

  async #look(): Promise<void> {
    for (const [name, child] of this.#system.children) {
      if (!child.running || /-\d+$/.test(name)) continue; // temporary processes do not count
      const seen = await Promise.all([residentMb(child.pid), openFiles(child.pid)]).catch(() => null);
      if (!seen) continue;
      const [memory, files] = seen.map(Math.round) as [number, number];
      const lives = this.#lives.get(name) ?? [];
      this.#lives.set(name, lives);
      const now = Date.now();
      const life = lives.at(-1);
      if (life?.pid !== child.pid) {
        lives.push({
          pid: child.pid,
          from: now,
          to: now,
          memory: [memory, memory, memory],
          files: [files, files, files],
        });
        continue;
      }
      const warm = now - life.from > warmingUp;
      life.to = now;
      life.memory = [warm ? life.memory[0] : memory, memory, Math.max(life.memory[2], memory)];
      life.files = [warm ? life.files[0] : files, files, Math.max(life.files[2], files)];
    }
  }
}
