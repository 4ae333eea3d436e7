import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import { GatewayError } from '../../../../src/core/errors.ts';
import { RefusedKeys } from '../../../../src/upstream/addresses/refused-keys.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { service } from '../../../support/policy/policy.ts';

const web = service();

async function met(refused: RefusedKeys, error: Error): Promise<void> {
  const open = refused.observe(() => Promise.reject(error));
  await assert.rejects(open(web), error);
}

test('a key without a consumer is left out for a second', async () => {
  const clock = new FakeClock();
  const refused = new RefusedKeys(clock);

  await met(refused, new GatewayError('service_unavailable', { retryable: true }));
  const atOnce = refused.has(web.address);
  clock.advance(DEADLINES.keyRefusedMs - 1);
  const before = refused.has(web.address);
  clock.advance(1);

  assert.deepEqual([atOnce, before, refused.has(web.address)], [true, true, false]);
});

for (const error of [
  new GatewayError('upstream_connect_failed', { retryable: true }),
  new GatewayError('network_unavailable', { retryable: true }),
  new GatewayError('service_unavailable'),
]) {
  test(`${error.code}${error.retryable ? '' : ' of ours'} says nothing of a key`, async () => {
    const refused = new RefusedKeys(new FakeClock());

    await met(refused, error);

    assert.equal(refused.has(web.address), false);
  });
}

test('what opens is passed on', async () => {
  const refused = new RefusedKeys(new FakeClock());

  assert.equal(await refused.observe(() => Promise.resolve('opened'))(web), 'opened');
});
