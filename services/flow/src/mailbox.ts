/** `/mailbox`: the page of the mailbox, which is a program of others, under our bar; and the mail of one ride in it. */
import { escapeHtml, pageOf, securityHeaders } from '@rideflow/shared/http/html.ts';
import { onlyMethods } from '@rideflow/shared/http/problem.ts';
import type { Express } from 'express';

/** MailDev finds mails by a header. Milliseconds that it gets for it: the page waits. */
const patience = 1000;

/** The address of the page that shows the mail of a ride. */
export const mailPage = (ride: string) => `/mailbox?ride=${encodeURIComponent(ride)}`;

export interface Mailbox {
  /** Its address as this process reaches it. */
  inside: string;
  /** Its address as a browser reaches it. */
  outside: string;
  /** The links to the other pages, as HTML. */
  bar: string;
}

export function mailboxRoutes(app: Express, { inside, outside, bar }: Mailbox): void {
  const headers = {
    ...securityHeaders,
    'content-security-policy': `${securityHeaders['content-security-policy']}; frame-src ${new URL(outside).origin}`,
    'cache-control': 'no-store',
  };
  app
    .route('/mailbox')
    .get(async ({ query: { ride } }, response) => {
      const address = typeof ride === 'string' ? await mailOf(ride, inside, outside) : outside;
      response.set(headers).type('html').send(document(bar, address));
    })
    .all(onlyMethods('GET'));
}

const document = (bar: string, address: string) =>
  pageOf({
    title: 'mailbox',
    bar,
    end: `<a class="end" href="${escapeHtml(address)}" target="_blank" rel="noopener">Open MailDev in its own tab</a>`,
    content: `<iframe title="Mailbox" src="${escapeHtml(address)}"></iframe>`,
    look: 'framed',
  });

/** The address of a ride's mail in the mailbox, or of the mailbox where it does not say. */
async function mailOf(ride: string, inside: string, outside: string): Promise<string> {
  try {
    const query = `headers.x-ride-id=${encodeURIComponent(ride)}`;
    const response = await fetch(`${inside}/email?${query}`, { signal: AbortSignal.timeout(patience) });
    const [mail] = (await response.json()) as { id: string }[];
    return mail ? `${outside}/#/email/${mail.id}` : outside;
  } catch {
    return outside;
  }
}
