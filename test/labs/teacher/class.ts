/** What the board knows of a class: a pure sum of the reports. */
import type { Report } from '../engine/report.ts';

export interface Student {
  name: string;
  /** The lab of the last report, and since when the student is at it, in milliseconds since 1970. */
  lab: number;
  since: number;
  /** The last report, in milliseconds since 1970. */
  seen: number;
  labs: Map<number, { checks: number; passed: boolean; failing: string | null }>;
}

/** More names are refused. */
const most = 300;

export class Class {
  readonly #students = new Map<string, Student>();
  /** How often each check failed, by lab and name. */
  readonly #failures = new Map<string, { lab: number; check: string; times: number; names: Set<string> }>();

  /** @returns false when there are too many names */
  add({ name, lab, status, check }: Report, now: number): boolean {
    const known = this.#students.get(name);
    if (!known && this.#students.size >= most) return false;
    const student = known ?? { name, lab, since: now, seen: now, labs: new Map() };
    this.#students.set(name, student);
    if (student.lab !== lab) Object.assign(student, { lab, since: now });
    student.seen = now;
    const at = student.labs.get(lab) ?? { checks: 0, passed: false, failing: null };
    student.labs.set(lab, at);
    if (status === 'started') return true;
    at.checks++;
    at.failing = status === 'pass' ? null : (check ?? status);
    at.passed ||= status === 'pass';
    if (at.failing === null) return true;
    const key = `${lab}/${at.failing}`;
    const failure = this.#failures.get(key) ?? { lab, check: at.failing, times: 0, names: new Set() };
    failure.times++;
    failure.names.add(name);
    this.#failures.set(key, failure);
    return true;
  }

  /** Those who have been at their lab for the longest time first; those who passed it last. */
  get students(): Student[] {
    const done = ({ labs, lab }: Student) => Number(labs.get(lab)?.passed ?? false);
    return [...this.#students.values()].sort((a, b) => done(a) - done(b) || a.since - b.since);
  }

  /** The check that the most students failed first. */
  get failures(): { lab: number; check: string; times: number; students: number; now: number }[] {
    const now = (lab: number, check: string) =>
      this.students.filter(({ labs }) => labs.get(lab)?.failing === check).length;
    return [...this.#failures.values()]
      .map(({ lab, check, times, names }) => ({
        lab,
        check,
        times,
        students: names.size,
        now: now(lab, check),
      }))
      .sort((a, b) => b.students - a.students || b.times - a.times);
  }
}
