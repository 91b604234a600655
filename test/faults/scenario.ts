/** One way of breaking the system, and what is found afterwards. */
import type { World, WorldSettings } from './world.ts';

export interface Outcome {
  /** How often it was broken. */
  rounds: number;
  /** What else was seen: one short sentence with figures. */
  note?: string;
  /** Why too little was tried to prove anything. It counts after what the checker finds: code that is broken can stand still. */
  lacking?: string;
}

export interface Scenario {
  /** One word or two, for `--only`. */
  name: string;
  /** One sentence for a person. */
  what: string;
  /** Takes all that the machine has, so that nothing else can be tried beside it. */
  alone?: true;
  /** Why it cannot be tried here; null: it can. */
  impossible?(): Promise<string | null>;
  /** The world to be broken; a usual one where this is missing. */
  world?: (settings: WorldSettings) => Promise<World>;
  /** Breaks it. @throws Error when something is seen that must not be */
  run(world: World, say: (line: string) => void): Promise<Outcome>;
}
