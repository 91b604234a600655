/** Where the mail of a ride can be seen. */

/** MailDev finds mails by a header. Milliseconds that it gets for it: the page waits. */
const patience = 1000;

/**
 * The address of a ride's mail in the mailbox, or of the mailbox where it does not say.
 * @param inside the mailbox as this process reaches it
 * @param outside as the person at the page reaches it
 */
export async function mailOf(ride: string, inside: string, outside: string): Promise<string> {
  try {
    const query = `headers.x-ride-id=${encodeURIComponent(ride)}`;
    const response = await fetch(`${inside}/email?${query}`, { signal: AbortSignal.timeout(patience) });
    const [mail] = (await response.json()) as { id: string }[];
    return mail ? `${outside}/#/email/${mail.id}` : outside;
  } catch {
    return outside;
  }
}
