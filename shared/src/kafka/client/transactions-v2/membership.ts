/**
 * With transaction version 2 an offset is committed as a member of a group, in one generation of it. kafkajs passes neither on:
 * not from the consumer to its owner, and not from a transaction to its commit.
 */
import { createRequire } from 'node:module';
import { type Member, nobody } from './requests.ts';

export { type Member, nobody } from './requests.ts';

const require = createRequire(import.meta.url);
interface Sync {
  generationId: number;
  memberId: string;
}
const { prototype: broker } = require('kafkajs/src/broker') as {
  prototype: { syncGroup(sync: Sync): Promise<unknown> };
};

/** Generations that members have got an assignment in, and that nobody has asked for yet. */
const generations = new Map<string, number>();

const syncAsKafkajs = broker.syncGroup;
broker.syncGroup = async function (this: typeof broker, sync) {
  const answer = await syncAsKafkajs.call(this, sync);
  generations.set(sync.memberId, sync.generationId);
  return answer;
};

/** To be called in `consumer.group_join`, once for each: the member in the generation that it has joined just now. */
export function joinedAs(memberId: string): Member {
  const generationId = generations.get(memberId);
  generations.delete(memberId);
  return generationId === undefined ? nobody : { memberId, generationId };
}

const committers = new WeakMap<object, Member>();

/** Offsets for `sendOffsets` of kafkajs that the broker accepts only while this member is in this generation of its group. */
export function asMember<T extends { topics: object }>(offsets: T, member: Member): T {
  committers.set(offsets.topics, member);
  return offsets;
}

/** Who commits these offsets; undefined: nobody in particular. */
export const committerOf = (topics: object): Member | undefined => committers.get(topics);

/** The broker has refused a commit, because this member is no longer in the group, or no longer in this generation of it. */
export function isThrownOut(error: unknown): boolean {
  const type = (error as { type?: string } | null)?.type ?? '';
  return ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'STALE_MEMBER_EPOCH'].includes(type);
}
