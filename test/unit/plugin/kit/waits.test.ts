import assert from 'node:assert/strict';
import test from 'node:test';
import { atMost, timeLeft, within } from '../../../../src/plugin/kit/waits.ts';

const clock = { now: () => 1_000 };
const never = new Promise<never>(() => {});

test('three quarters of a call may be waited for somebody else', () => {
  assert.equal(timeLeft({ deadline: 3_000 }, clock), 1_500);
});

test('a call that is over leaves no time', () => {
  assert.equal(timeLeft({ deadline: 500 }, clock), 0);
});

test('within gives the value, a rejection as it is, and nothing after the time', async () => {
  assert.equal(await within(1_000, Promise.resolve('value')), 'value');
  assert.equal(await within(1, never), undefined);
  await assert.rejects(within(1_000, Promise.reject(new Error('down'))), /down/);
});

test('atMost never rejects', async () => {
  await atMost(1_000, Promise.reject(new Error('down')));
  await atMost(1, never);
});
