/** The maximum of nodemailer: as many loops around a pooled `sendMail` as connections. */
import { createTransport } from 'nodemailer';

const maxConnections = Number(process.env.CONNECTIONS);
const transport = createTransport({
  pool: true,
  host: 'localhost',
  port: Number(process.env.SMTP_PORT),
  maxConnections,
  maxMessages: Number.POSITIVE_INFINITY,
});
const text = 'Hello user_1,\n\nyour ride is confirmed. driver_4 picks you up in 12 minutes.\n'.repeat(3);
const html = `<!doctype html><html lang="en"><body><p>${text.replaceAll('\n', '</p>\n<p>')}</p></body></html>`;

await Promise.all(
  Array.from({ length: maxConnections }, async () => {
    for (;;) {
      await transport.sendMail({
        from: 'Rideflow <rides@rideflow.example>',
        to: 'user_1@example.com',
        subject: 'Your ride is confirmed: driver_4, in 12 minutes',
        text,
        html,
      });
    }
  }),
);
