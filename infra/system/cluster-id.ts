import { Kafka, logLevel } from 'kafkajs';

/** The id that Kafka gave itself when its storage was formatted: another one means other data. */
export async function clusterId(brokers: string[]): Promise<string> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId.replace(/[^A-Za-z0-9_-]/g, '_');
  } finally {
    await admin.disconnect();
  }
}
