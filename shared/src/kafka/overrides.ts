/**
 * What is repaired and replaced inside kafkajs 2.2.4, before any client exists. Imported first by client.ts, before kafkajs itself:
 * what was loaded earlier would keep parts of the original.
 */
import './overrides/pinned.ts';
// Repairs
import './overrides/idle-timers.ts';
import './overrides/takeover-retry.ts';
import './overrides/aborted-transactions.ts';
import './overrides/lost-coordinator.ts';
// The same, faster
import './overrides/fetched-batch.ts';
import './overrides/group-messages.ts';
import './overrides/produce.ts';
import './overrides/remembered-coordinator.ts';
