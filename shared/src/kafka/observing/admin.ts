/** An admin client for those who only ask: it fails soon, so that they can ask again. */
import { Once } from '../../once.ts';
import { type Client, connect } from '../client/connect.ts';
import type { Admin } from '../client/kafkajs.ts';

export interface AskingAdmin {
  /** Connects on first use, and again after `close`. @throws errors of kafkajs when Kafka does not answer */
  get(): Promise<Admin>;
  /** After any error too. Never rejects. */
  close(): Promise<void>;
}

export function openAdmin(client: Client): AskingAdmin {
  const connection = new Once(async () => {
    const admin = connect(client, 'admin').admin({ retry: { retries: 1 } });
    await admin.connect();
    return admin;
  });
  return {
    get: () => connection.get(),
    close: async () =>
      connection
        .take()
        ?.then((admin) => admin.disconnect())
        .catch(() => {}),
  };
}
