import { z } from 'zod';

/** A whole number in a range, from text. */
export const wholeNumber = (min: number, max: number) => {
  const accepted = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/, accepted)
    .transform(Number)
    .refine((n) => n >= min && n <= max, accepted);
};
