// Options that Node itself takes, by the process that is started.

/**
 * In MB, for young objects. With less, requests under way outlive a collection, V8 takes them for long-lived, and a ride takes a quarter
 * to a half more processor time. With more, V8's own 64, a backlog makes each of them 100 MB larger.
 */
const roomy = { rides: 16, transaction: 16 };

/** An idle process takes 10 MB less than with 16, since its start fills them. */
const usual = 2;

/**
 * @param {string} name of a process of the system
 * @returns {string[]}
 */
export const nodeOptionsOf = (name) => [`--max-semi-space-size=${roomy[name] ?? usual}`];
