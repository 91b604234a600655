/** The result of one check. */
export interface Finding {
  state: 'ok' | 'warning' | 'missing';
  /** What was checked, in a word or two. */
  what: string;
  /** The result, as a clause without a full stop. */
  found: string;
  /** What to do about it, if the state is not ok. */
  remedy?: string;
}

export const ok = (what: string, found: string): Finding => ({ state: 'ok', what, found });
export const warning = (what: string, found: string, remedy: string): Finding => ({
  state: 'warning',
  what,
  found,
  remedy,
});
export const missing = (what: string, found: string, remedy: string): Finding => ({
  state: 'missing',
  what,
  found,
  remedy,
});
