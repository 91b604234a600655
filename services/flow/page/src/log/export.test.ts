import { expect, test } from '@jest/globals';
import type { News } from '../../../src/protocol.ts';
import { asCsv, asJson } from './export.ts';

const news: News[] = [
  {
    number: 2,
    at: 2000,
    about: 'email',
    tone: 'warning',
    text: '=1+1, "quoted"',
    of: { ride: null, coordinates: 'ride_confirmed/0/3' },
  },
  { number: 1, at: 1000, about: 'kafka', tone: 'ok', text: 'Kafka answers again' },
];

test('the log is a CSV file, oldest first, in which nothing is a formula', () => {
  expect(asCsv(news).split('\r\n')).toEqual([
    'time,about,tone,text,ride,message',
    '1970-01-01T00:00:01.000Z,kafka,ok,Kafka answers again,,',
    '1970-01-01T00:00:02.000Z,email,warning,"\'=1+1, ""quoted""",,ride_confirmed/0/3',
    '',
  ]);
});

test('the log is JSON, oldest first', () => {
  expect(JSON.parse(asJson(news))[1]).toEqual({
    time: '1970-01-01T00:00:02.000Z',
    about: 'email',
    tone: 'warning',
    text: '=1+1, "quoted"',
    ride: null,
    message: 'ride_confirmed/0/3',
  });
});
