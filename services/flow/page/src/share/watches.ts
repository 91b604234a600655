/** Whether this is the page for students: it shows everything that happens, and asks for nothing but that. */
import type { Controls } from '../../../src/protocol.ts';

export const watches = document.querySelector<HTMLMetaElement>('meta[name="watches"]')?.content === 'true';

/** What can be made to happen from there. */
export const nothing: Controls = {
  on: false,
  why: 'This page only watches.',
  processes: 'by hand',
  broker: false,
  stream: null,
  mailFault: null,
  services: {},
  poisonKinds: [],
  commands: { start: '', kill: '', stop: '', guarantee: '', reset: '', book: '', share: '' },
};
