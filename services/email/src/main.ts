/** The email service: sends customers the decisions about their rides. All wiring is here. */
import { commonConfig } from '@rideflow/shared/config.ts';
import { crashPoint } from '@rideflow/shared/crash-points.ts';
import { consume } from '@rideflow/shared/kafka/consume.ts';
import { runService } from '@rideflow/shared/service.ts';
import { mailSettings } from './config.ts';
import { counted } from './counted.ts';
import { mailFor } from './mail.ts';
import { createMailer } from './smtp.ts';

await runService(
  'email',
  { ...commonConfig('email', 4002), ...mailSettings },
  process.env,
  async (service, config) => {
    const mailer = counted(createMailer(config.SMTP_URL, config.SMTP_CONNECTIONS), service.metrics);
    service.onStop('the SMTP connections', () => mailer.close());
    // At least once: the offset is committed after the server accepted the mail. A crash in between sends the mail again, with
    // the same Message-ID. SMTP cannot take part in a transaction, so no stronger guarantee is possible.
    await consume(service, {
      // A slow mail only delays its own partition, and no partition uses all connections.
      consumerPerPartition: true,
      inHand: config.SMTP_CONNECTIONS,
      handle: async ({ value, identity, traceparent }) => {
        await mailer.send(mailFor(value, identity, config.MAIL_FROM, traceparent));
        crashPoint('after-mail');
      },
    });
    // Stops first, so unanswered mails do not delay the stop. Their offsets are not committed, so they are sent again.
    service.onStop('the mails in progress', () => mailer.hurry(2000));
  },
);
