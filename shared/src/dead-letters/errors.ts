/** A request that cannot be done. The message says why, and what is accepted. */
export class WorkbenchError extends Error {
  override name = 'WorkbenchError';
}
