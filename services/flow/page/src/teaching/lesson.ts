/** What a lesson is. Each file in `lessons/` has one; the files' names are their order. */
import type { MailFault, RideStory, View } from '../../../src/protocol.ts';

export interface Lesson {
  title: string;
  /** What it sets before the question. Everything that it does not name is as after a fresh start. */
  stage?: Stage;
  /** What not every way of running the system has. Without it, the lesson is not offered. */
  needs?: Need[];
  /** “What do you expect?” */
  question: string;
  choices: string[];
  /** Which of the choices is right, from 0. */
  answer: number;
  /** One press of Next each. */
  acts: Act[];
  /** Three sentences, each of them true. */
  explanation: [string, string, string];
  /** The file of this project that does it. */
  code: { path: string; does: string };
  /** For the presenter's window. */
  notes: { before: string; after: string; misunderstanding: string };
}

/** `processes`: the page can start, end and freeze them. `broker`: it can stop Kafka. `mailbox`: it can be asked for its mails. */
export type Need = 'processes' | 'broker' | 'mailbox';

export interface Stage {
  /** By service: `at-most-once`. */
  guarantees?: Record<string, string>;
  paces?: Record<string, Pace>;
  /** By service: how many. */
  processes?: Record<string, number>;
  mail?: MailFault;
}

/** `delay`: milliseconds per message. */
export interface Pace {
  delay: number;
  paused: boolean;
  step: boolean;
}

export interface Act {
  /** On the button: what the press does. */
  press: string;
  does: Action[];
  /** What is waited for, in words. */
  awaits: string;
  /** Whether it has happened: asked whenever the picture or the story of the last ride changes. Never a question of time. */
  until: (seen: Seen) => boolean;
  /** What there is to see then. */
  shows: string;
  /** What rides answered to a booking that it refused is shown too, in its words. */
  quotes?: true;
}

/** What the page knows. */
export interface Seen {
  now: View;
  /** When the stage was set. */
  before: View;
  /** What this lesson has booked, in its order. */
  booked: Booked[];
  /** Of the ride that was booked last; null until it is told. */
  story: RideStory | null;
  /** What rides answered to the last booking, where the lesson expects that it is refused: `503: ` and the detail of its problem. */
  refused: string | null;
}

export interface Booked {
  ride: string;
  partition: number;
  offset: number;
}

/** Does one thing to the system. @throws Error with a sentence, when it was refused */
export type Action = (desk: Desk) => Promise<void>;

/** What an action works with. */
export interface Desk {
  ask<T = unknown>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
  seen(): Seen;
  /** Notes a booking, and lets the page follow the ride. */
  follow(booked: Booked): void;
  refuse(answer: string): void;
}
