/** All labs, in their order. */
import { firstConsumer } from './01-first-consumer/lab.ts';
import { idempotence } from './03-idempotence/lab.ts';
import { exactlyOnce } from './05-exactly-once/lab.ts';
import { schemaChange } from './09-schema-change/lab.ts';
import type { Lab } from './engine/lab.ts';

export const labs: Lab[] = [firstConsumer, idempotence, exactlyOnce, schemaChange];
