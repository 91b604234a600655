/** What a person asked for cannot be done; the message says why and what is accepted. */
export class WorkbenchError extends Error {
  override name = 'WorkbenchError';
}
