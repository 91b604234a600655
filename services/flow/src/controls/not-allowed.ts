/** What Kafka refuses where it asks for permissions, as a sentence. */
import { Problem } from '@rideflow/shared/http/problem.ts';

interface Failure {
  type?: string;
  message: string;
  cause?: unknown;
  errors?: unknown[];
}

/** @param what was to be done: `write to ride_details` @returns null where the error is another one */
export function notAllowed(error: unknown, what: string): Problem | null {
  return isRefusal(error)
    ? new Problem(
        403,
        `Kafka does not allow this process to ${what}: its login may read and nothing else. The tools of the project, such as \`npm run dlq\`, log in as operator.`,
      )
    : null;
}

function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { type = '', message = '', cause, errors = [] } = error as Failure;
  if (/AUTHORIZATION_FAILED$/.test(type) || /not authorized|authorization failed/i.test(message)) return true;
  return isRefusal(cause) || errors.some(isRefusal);
}
