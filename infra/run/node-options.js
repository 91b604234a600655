// Node options for each process.

/**
 * The size of the young generation, in MB. With less, requests in flight outlive a collection, V8 promotes them to the old
 * generation, and a ride costs a quarter to a half more processor time. With V8's default of 64, a backlog makes each process
 * 100 MB larger.
 */
const roomy = { rides: 16, transaction: 16 };

/** An idle process needs 10 MB less than with 16, because its start fills them. */
const usual = 2;

/**
 * @param {string} name a process of the system
 * @returns {string[]}
 */
export const nodeOptionsOf = (name) => [`--max-semi-space-size=${roomy[name] ?? usual}`];
