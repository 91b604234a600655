/** Environment in, e-mail service running: tells customers what became of their rides. */
import { commonConfig } from '@rideflow/shared/config.ts';
import { crashPoint } from '@rideflow/shared/crash-points.ts';
import { consume } from '@rideflow/shared/kafka/consume.ts';
import { runService } from '@rideflow/shared/service.ts';
import { mailSettings } from './config.ts';
import { mailFor } from './mail.ts';
import { createMailer } from './smtp.ts';

await runService(
  'email',
  { ...commonConfig('email', 4002), ...mailSettings },
  process.env,
  async (service, config) => {
    const mailer = createMailer(config.SMTP_URL, config.SMTP_CONNECTIONS);
    service.onStop('the SMTP connections', () => mailer.close());
    // At least once: the offset is committed after the server took the mail. A crash in between sends the mail again, with the
    // same Message-ID. SMTP has no transaction to join, so nobody can promise more.
    await consume(service, {
      // A mail that the server is slow to take holds up its own partition alone, and no partition takes all connections.
      consumerPerPartition: true,
      inHand: config.SMTP_CONNECTIONS,
      handle: async (received) => {
        await mailer.send(mailFor(received.value, received.identity, config.MAIL_FROM));
        crashPoint('after-mail');
      },
    });
    // Stops first: what the server has not answered by then must not hold up the stop. It was not committed, so it is sent again.
    service.onStop('the mails under way', () => mailer.hurry(2000));
  },
);
