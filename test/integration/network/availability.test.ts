import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { startNetwork, type RunningNetwork } from '../../support/routers/network.ts';
import { startRouter } from '../../support/routers/router.ts';

/** How an attempt to open a stream went, and whether it was told at once. */
async function attempt(running: RunningNetwork, routingKey: string) {
  const startMs = performance.now();
  try {
    const stream = await running.connect(routingKey);
    stream.end('here');
    return (await buffer(stream)).toString();
  } catch (error) {
    const isAtOnce = performance.now() - startMs < 100;
    return `${(error as GatewayError).code}${isAtOnce ? ' at once' : ''}`;
  }
}

/** Tries again until it goes as wanted; a change takes a router about a second to tell. */
async function becomes(running: RunningNetwork, routingKey: string, wanted: string) {
  const endMs = performance.now() + 10_000;
  let seen = '';
  while (seen !== wanted && performance.now() < endMs) {
    seen = await attempt(running, routingKey);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(seen, wanted);
}

for (const role of ['normal', 'edge'] as const) {
  test(`on a listener of role ${role}, knows when a service is gone and when it is back`, async () => {
    await using backend = await Backend.start(echo);
    await using router = await startRouter({ role, connectors: { 'echo:1': backend.address } });
    await using running = await startNetwork(router.link, { routingKeys: ['echo:1', 'never:1'] });

    await becomes(running, 'echo:1', 'here');
    await becomes(running, 'never:1', 'service_unavailable at once');
    await router.removeConnector('echo:1');
    await becomes(running, 'echo:1', 'service_unavailable at once');
    await router.addConnector('echo:1', backend.address);
    await becomes(running, 'echo:1', 'here');

    assert.deepEqual(router.standin?.violations ?? [], []);
  });
}

test('opens no routing key but those of the policy', async () => {
  await using backend = await Backend.start(echo);
  await using router = await startRouter({ connectors: { 'echo:1': backend.address } });
  await using running = await startNetwork(router.link, { routingKeys: ['other:1'] });

  await assert.rejects(running.connect('echo:1'), { code: 'internal' });
});
