import type { Group } from './group.ts';
import { email } from './groups/email.ts';
import { rides } from './groups/rides.ts';
import { transaction } from './groups/transaction.ts';

/** In the order of the table. */
export const groups: Group[] = [rides, transaction, email];
