import { expect, test } from '@jest/globals';
import { addressesHere, chooseAddress, originOf, sayShared } from './share.ts';

const at = (address: string) => [{ address, internal: false, family: 'IPv4' }] as never;
const machine = {
  lo: [...at('127.0.0.1'), ...at('::1')],
  eth0: [...at('192.168.1.5'), ...at('fe80::1'), ...at('2001:db8::5')],
  docker0: at('172.17.0.1'),
};
const one = addressesHere(machine);
const two = addressesHere({ ...machine, wlan0: at('10.0.0.7') });

test('the only network of the machine is taken without a question', async () => {
  expect(await chooseAddress('', one)).toBe('192.168.1.5');
  const onlySix = { ...machine, eth0: [...at('fe80::1'), ...at('2001:db8::5')] };
  expect(await chooseAddress('', addressesHere(onlySix))).toBe('2001:db8::5');
});

test('of several networks the person chooses one, by its number or its address; Enter takes the first', async () => {
  const questions: string[] = [];
  const answering =
    (...answers: string[]) =>
    (question: string) => {
      questions.push(question);
      return Promise.resolve(answers.shift() ?? '');
    };
  expect(await chooseAddress('', two, answering('2'))).toBe('10.0.0.7');
  expect(questions[0]).toContain('1  192.168.1.5  (eth0)\n  2  10.0.0.7  (wlan0)');
  expect(await chooseAddress('', two, answering('10.0.0.7'))).toBe('10.0.0.7');
  expect(await chooseAddress('', two, answering(''))).toBe('192.168.1.5');
  expect(await chooseAddress('', two, answering('9', '1'))).toBe('192.168.1.5');
  expect(questions.at(-1)).toBe('9 is none of them. A number from 1 to 2, or an address: ');
});

test('without a terminal, several networks or a foreign address end the start, with what is accepted', async () => {
  const accepted = /Accepted: --share=ADDRESS with one of 192\.168\.1\.5 \(eth0\), 10\.0\.0\.7 \(wlan0\)\.$/;
  await expect(chooseAddress('', two)).rejects.toThrow(accepted);
  await expect(chooseAddress('1.2.3.4', two)).rejects.toThrow(accepted);
  await expect(chooseAddress('', addressesHere({ lo: machine.lo }))).rejects.toThrow('is on no network');
  expect(await chooseAddress('172.17.0.1', two)).toBe('172.17.0.1');
});

test('the terminal says what is open, and shows the address as a QR code', () => {
  expect(originOf('192.168.1.5', 100)).toBe('http://192.168.1.5:4105');
  expect(originOf('2001:db8::5', 0)).toBe('http://[2001:db8::5]:4005');
  const lines = sayShared('http://192.168.1.5:4005');
  expect(lines[0]).toBe('For the class: http://192.168.1.5:4005');
  expect(lines).toContain('Nothing else is open: the other pages and Kafka answer on this machine alone.');
  expect(sayShared('http://192.168.1.5:4005', '0.0.0.0').join('\n')).toContain(
    'HOST=0.0.0.0 opens the ports of the other processes too.',
  );
  const code = lines.filter((line) => /^[ █▀▄]+$/.test(line));
  expect(code.length).toBeGreaterThan(14);
  expect(new Set(code.map((line) => line.length)).size).toBe(1);
});
