import { expect, test } from '@jest/globals';
import { brokerState } from './broker-state.ts';

test('an outage keeps its start, however often Kafka is asked in vain', () => {
  let broker = brokerState({ up: true, since: 0, brokers: 3 }, { up: false, brokers: 0 }, 1000);
  broker = brokerState(broker, { up: false, brokers: 0 }, 2000);
  expect(broker).toEqual({ up: false, since: 1000, brokers: 3 });
  expect(brokerState(broker, { up: true, brokers: 2 }, 3000)).toEqual({ up: true, since: 3000, brokers: 2 });
});
