import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../test/support/faults.ts';
import { testService } from '../../../../test/support/service.ts';
import { connect } from '../client/connect.ts';
import { reportLag } from './lag.ts';

const it = useBroker();
let faults: Faults;
beforeAll(() => {
  faults = injectFaults();
});
afterAll(() => faults.remove());

test('the lag is unknown while Kafka is unavailable, and known as soon as it is back, even if it was away from the start', async () => {
  const service = testService('email', it.brokers);
  const lag = () => service.metric('rideflow_consumer_lag');
  const admin = connect(service, 'admin').admin();
  const connecting = jest.spyOn(admin, 'connect');
  faults.cut();
  reportLag(service, admin);
  expect(await lag()).toBeUndefined();
  await expect(connecting.mock.results[0]?.value).rejects.toThrow();
  faults.heal();
  await eventually(async () => expect(await lag()).toBe(0));
  await service.stop();
});
