import { expect, test } from '@jest/globals';
import { notAllowed } from './not-allowed.ts';

test('a refusal of Kafka is a sentence, wherever the error has it', () => {
  const refused = Object.assign(new Error('Not authorized to access topics'), {
    type: 'TOPIC_AUTHORIZATION_FAILED',
  });
  const wrapped = Object.assign(new Error('could not send'), { cause: refused });
  const several = Object.assign(new Error('some failed'), { errors: [refused] });
  for (const error of [refused, wrapped, several]) {
    const problem = notAllowed(error, 'write to ride_details');
    expect(problem?.status).toBe(403);
    expect(problem?.message).toContain('Kafka does not allow this process to write to ride_details:');
  }
  expect(notAllowed(new Error('connect ECONNREFUSED'), 'write')).toBeNull();
});
