/** `results.json`, in the shape of version 3 of Exercism's test runner interface; the field `rideflow` is our own. */
import type { Verdict } from './check-lab.ts';
import type { Lab } from './lab.ts';

export function resultsOf(lab: Lab, { results, failed, seed, milliseconds }: Verdict) {
  const error = results.every(({ status }) => status === 'error') ? (failed?.failure.saw ?? null) : null;
  return {
    version: 3,
    status: error ? ('error' as const) : failed ? ('fail' as const) : ('pass' as const),
    message: error,
    tests: results.map(({ name, status, message = null }) => ({
      name,
      status,
      message,
      task_id: lab.number,
      test_code: lab.checks.find((check) => check.name === name)?.does ?? '',
    })),
    rideflow: { lab: lab.name, seed, seconds: milliseconds / 1000, hint: failed?.failure.hint ?? null },
  };
}
