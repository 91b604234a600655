import { type Client, connect, metadataMaxAge, retries } from '../client/connect.ts';
import type { Producer } from '../client/kafkajs.ts';

/** An idempotent producer that retries each send until Kafka accepts or permanently rejects it. One send at a time. */
export async function openProducer(client: Client): Promise<Producer> {
  const producer = connect(client, 'publish').producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    metadataMaxAge,
    retry: retries.publish,
  });
  await producer.connect();
  return producer;
}
