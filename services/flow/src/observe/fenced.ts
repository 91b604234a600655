/** How Kafka refuses the transaction of a process that others took over from. Pure. */

const reasons: Record<string, string> = {
  INVALID_PRODUCER_EPOCH: 'the epoch of its producer is old',
  PRODUCER_FENCED: 'the epoch of its producer is old',
  UNKNOWN_MEMBER_ID: 'it is not a member of its group any more',
  ILLEGAL_GENERATION: 'its group has changed since it got the partition',
  STALE_MEMBER_EPOCH: 'its group has changed since it got the partition',
};

/** What the refusal says, with the name of the error; null for an error that says something else. */
export function fencing(error: string | undefined): string | null {
  const reason = error && reasons[error];
  return reason ? `${error}: ${reason}` : null;
}
