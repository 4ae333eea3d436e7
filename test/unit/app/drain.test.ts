import assert from 'node:assert/strict';
import test from 'node:test';
import { drain } from '../../../src/app/drain.ts';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import type { Listener } from '../../../src/listener/listener.ts';
import type { Pipeline } from '../../../src/pipeline/handle.ts';
import type { Passthrough } from '../../../src/pipeline/passthrough.ts';
import { createLog } from '../../../src/record/log.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

function scene() {
  const clock = new FakeClock();
  const events: string[] = [];
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const listener = {
    stopAccepting: () => events.push('stopAccepting'),
    startClosing: () => events.push('startClosing'),
    closed: () => closed,
    destroyAll: () => {
      events.push('destroyAll');
      close();
    },
  };
  const pipeline = { openCount: 1, abortAll: () => events.push('abortAll') };
  const passthrough = { openCount: 1, abortAll: () => events.push('abort passthrough') };
  const drained = drain({
    clock,
    log: createLog({ level: 'error', format: 'json', destination: { write: () => {} } }),
    listener: listener as unknown as Listener,
    pipeline: pipeline as unknown as Pipeline,
    passthrough: passthrough as unknown as Passthrough,
    delayMs: DEADLINES.drainDelayMs,
    limitMs: DEADLINES.drainLimitMs,
  });
  return { clock, events, close, drained };
}

test('the ports stay open for drainDelayMs, so that balancers can notice', async () => {
  const { clock, events, close, drained } = scene();

  clock.advance(DEADLINES.drainDelayMs - 1);
  await settled();
  const before = [...events];
  clock.advance(1);
  await settled();
  close();
  await drained;

  assert.deepEqual(before, []);
  assert.deepEqual(events, ['stopAccepting', 'startClosing']);
});

test('what is still open after drainLimitMs is cut', async () => {
  const { clock, events, drained } = scene();
  clock.advance(DEADLINES.drainDelayMs);
  await settled();

  clock.advance(DEADLINES.drainLimitMs);
  await drained;

  assert.deepEqual(events, [
    'stopAccepting',
    'startClosing',
    'abortAll',
    'abort passthrough',
    'destroyAll',
  ]);
});

/** Lets the promises of the turn run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
