// Node options for each process.

/**
 * These processes keep Node's default size of the young generation. The others get 2 MB, which saves 10 MB in an idle process,
 * because its start would fill 16 MB. Under load, a small young generation costs a quarter to a half more processor time per
 * ride: requests in flight outlive a collection, and V8 promotes them to the old generation.
 */
const roomy = ['rides', 'transaction'];

/**
 * @param {string} name a process of the system
 * @returns {string[]}
 */
export const nodeOptionsOf = (name) => (roomy.includes(name) ? [] : ['--max-semi-space-size=2']);
