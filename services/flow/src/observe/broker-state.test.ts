import { expect, test } from '@jest/globals';
import { brokerNews, brokerState } from './broker-state.ts';

const up = { up: true, since: 0, brokers: 3, asked: false };

test('an outage keeps its start, however often Kafka is asked in vain', () => {
  let broker = brokerState(up, { up: false, brokers: 0 }, 1000);
  broker = brokerState(broker, { up: false, brokers: 0 }, 2000);
  expect(broker).toEqual({ up: false, since: 1000, brokers: 3, asked: false });
  expect(brokerState(broker, { up: true, brokers: 2 }, 3000)).toEqual({ ...up, since: 3000, brokers: 2 });
});

test('an outage that somebody asked for is told as such until its end, and the next one is not', () => {
  let away = brokerState(up, { up: false, brokers: 0 }, 1000, true);
  expect(brokerNews(up, away, 'ECONNREFUSED')).toEqual({
    tone: 'warning',
    text: 'Kafka was killed, as asked; what is shown is as it was',
  });
  away = brokerState(away, { up: false, brokers: 0 }, 2000, true);
  expect(away.asked).toBe(true);
  const back = brokerState(away, { up: true, brokers: 3 }, 3000, true);
  expect(back.asked).toBe(false);
  expect(brokerNews(away, back, null)).toEqual({ tone: 'ok', text: 'Kafka answers again' });
  const again = brokerState(back, { up: false, brokers: 0 }, 4000);
  expect(brokerNews(back, again, 'ECONNREFUSED')).toEqual({
    tone: 'error',
    text: 'Kafka does not answer (ECONNREFUSED); what is shown is as it was',
  });
});

test('one that is away already is not said to be away because somebody asks for that now', () => {
  const away = brokerState(up, { up: false, brokers: 0 }, 1000);
  expect(brokerState(away, { up: false, brokers: 0 }, 2000, true).asked).toBe(false);
});
