import { expect, jest, test } from '@jest/globals';
import { createManager } from './remembered-coordinator.ts';

/** A transactional manager, ready for a transaction, and who it asked for: the brokers are found in turn. */
async function aManager() {
  const brokers = [aBroker(), aBroker()];
  const found = jest.fn(async ({ coordinatorType }: { coordinatorType: number }) => brokers[coordinatorType]);
  const log = { debug() {} };
  const options = {
    logger: log,
    transactional: true,
    transactionalId: 'transaction/ride_details/0',
    cluster: {
      retry: { retries: 0 },
      refreshMetadataIfNecessary: async () => {},
      findGroupCoordinator: found,
    },
  };
  const manager = createManager(options as unknown as Parameters<typeof createManager>[0]);
  await manager.initProducerId?.();
  found.mockClear();
  return { manager, found, broker: brokers[1] as ReturnType<typeof aBroker> };
}

const aBroker = () => ({
  isConnected: jest.fn(() => true),
  initProducerId: async () => ({ producerId: '7', producerEpoch: 0 }),
  addPartitionsToTxn: jest.fn(async () => {}),
  addOffsetsToTxn: async () => {},
  txnOffsetCommit: async () => {},
  endTxn: async () => {},
});

type Manager = Awaited<ReturnType<typeof aManager>>['manager'];
const add = (manager: Manager) =>
  manager.addPartitionsToTransaction?.([{ topic: 'ride_confirmed', partitions: [{ partition: 0 }] }]);
async function aTransaction(manager: Manager) {
  manager.beginTransaction?.();
  await add(manager);
  await manager.sendOffsets?.({ consumerGroupId: 'transaction', topics: [] });
  await manager.commit?.();
}
const refused = (type: string) => Object.assign(new Error('refused'), { type });

test('the second transaction of a producer looks up no coordinator', async () => {
  const { manager, found } = await aManager();
  await aTransaction(manager);
  expect(found).toHaveBeenCalledTimes(1); // the group's; its own was found when the producer began
  await aTransaction(manager);
  expect(found).toHaveBeenCalledTimes(1);
});

test('after an error, or after its connection closes, the coordinator is looked up again', async () => {
  const { manager, found, broker } = await aManager();
  manager.beginTransaction?.();
  broker.addPartitionsToTxn.mockRejectedValueOnce(refused('NOT_COORDINATOR_FOR_GROUP'));
  await expect(add(manager)).rejects.toThrow('refused');
  expect(found).not.toHaveBeenCalled();
  await add(manager);
  expect(found).toHaveBeenCalledTimes(1);
  broker.isConnected.mockReturnValue(false);
  await manager.commit?.();
  expect(found).toHaveBeenCalledTimes(2);
});

test('a transaction that waits for the previous one uses the same broker', async () => {
  const { manager, found, broker } = await aManager();
  manager.beginTransaction?.();
  broker.addPartitionsToTxn.mockRejectedValueOnce(refused('CONCURRENT_TRANSACTIONS'));
  await expect(add(manager)).rejects.toThrow('refused');
  await add(manager);
  expect(found).not.toHaveBeenCalled();
});
