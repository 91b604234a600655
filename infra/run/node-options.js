// Options that Node itself takes, by the process that is started.

/**
 * These leave young objects Node's own room. The others have 2 MB: an idle process takes 10 MB less, since its start fills 16 otherwise.
 * Under load, with little room, requests under way outlive a collection, V8 takes them for long-lived, and a ride takes a quarter to a half
 * more processor time.
 */
const roomy = ['rides', 'transaction'];

/**
 * @param {string} name of a process of the system
 * @returns {string[]}
 */
export const nodeOptionsOf = (name) => (roomy.includes(name) ? [] : ['--max-semi-space-size=2']);
