/** Groups messages by partition in linear time. kafkajs copies the whole group for each message. */
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';

export interface GroupOptions {
  topic: string;
  partitionMetadata: unknown[];
  messages: Message[];
  partitioner(options: { topic: string; partitionMetadata: unknown[]; message: Message }): number;
}

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/producer/groupMessagesPerPartition');
export const stockGroupMessages = require(path) as typeof groupMessages;

// Must run before the producer loads it. If kafkajs was loaded first, its own version stays: correct but slower.
(require.cache[path] as NodeJS.Module).exports = groupMessages;

export function groupMessages({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: GroupOptions): Record<number, Message[]> {
  const groups: Record<number, Message[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group) group.push(message);
    else groups[partition] = [message];
  }
  return groups;
}
