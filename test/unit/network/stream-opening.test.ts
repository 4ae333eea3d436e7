import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultCode, GatewayError } from '../../../src/core/errors.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import type { LaneOptions } from '../../../src/network/amqp/lane-options.ts';
import { type Elsewhere, StreamOpening } from '../../../src/network/stream-opening.ts';
import { FakeClock } from '../../support/fake-clock.ts';

interface Try {
  readonly request: LaneOptions;
  readonly elsewhere: Elsewhere | undefined;
  readonly refusals: string[];
  destroyedWith: Error | undefined;
}

/** An opening whose lanes end as the test says; `ways` connections can be tried. */
function opening({ ways = 9, limitMs }: { ways?: number; limitMs?: number } = {}) {
  const clock = new FakeClock();
  const tries: Try[] = [];
  const begun = new StreamOpening('web:8080' as RoutingKey, {
    clock,
    options: { allowHalfOpen: false, ...(limitMs === undefined ? {} : { limitMs }) },
    open: (request, elsewhere) => {
      if (tries.length === ways) return undefined;
      const made: Try = { request, elsewhere, refusals: [], destroyedWith: undefined };
      tries.push(made);
      const lane = {
        isRouterSilent: false,
        destroy: (error: GatewayError) => {
          made.destroyedWith = error;
          request.onOpen(error);
        },
      };
      return { lane, connection: { refused: (key: string) => made.refusals.push(key) } } as never;
    },
  });
  begun.opened.catch(() => {});
  begun.begin();
  const fail = (code: FaultCode): void =>
    tries.at(-1)!.request.onOpen(new GatewayError(code, { retryable: true }));
  return { clock, tries, fail, opened: begun.opened };
}

test('a lost connection is no end of a stream that can go another way', async () => {
  const { tries, fail, opened } = opening();

  fail('network_unavailable');
  fail('network_unavailable');
  tries.at(-1)!.request.onOpen(undefined);

  assert.ok(await opened);
  assert.deepEqual(
    tries.map(({ elsewhere }) => elsewhere?.mayRefuse),
    [undefined, true, true],
  );
});

test('four ways are tried, and no more', async () => {
  const { tries, fail, opened } = opening();

  for (let way = 0; way < 4; way += 1) fail('network_unavailable');

  await assert.rejects(opened, { code: 'network_unavailable' });
  assert.equal(tries.length, 4);
});

test('a service that was not reached is tried where it was not refused lately', async () => {
  const { tries, fail, opened } = opening({ ways: 2 });

  fail('upstream_connect_failed');
  fail('upstream_connect_failed');

  await assert.rejects(opened, { code: 'upstream_connect_failed' });
  assert.deepEqual(
    tries.map(({ elsewhere, refusals }) => [elsewhere?.mayRefuse, refusals]),
    [
      [undefined, ['web:8080']],
      [false, ['web:8080']],
    ],
  );
});

for (const code of ['service_unavailable', 'upstream_connect_timeout', 'client_gone'] as const) {
  test(`${code} is no reason to try another way`, async () => {
    const { tries, fail, opened } = opening();

    fail(code);

    await assert.rejects(opened, { code });
    assert.equal(tries.length, 1);
  });
}

test('nothing is tried after the limit', async () => {
  const { clock, tries, opened } = opening({ limitMs: 3_000 });
  (tries[0] as { request: LaneOptions }).request.onStalled!();

  clock.advance(3_050);

  await assert.rejects(opened, { code: 'upstream_connect_timeout' });
  assert.equal(tries.length, 2);
});
