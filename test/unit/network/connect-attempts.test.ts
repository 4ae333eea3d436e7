import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultCode, GatewayError } from '../../../src/core/errors.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import type { LaneOptions } from '../../../src/network/amqp/lane/lane-options.ts';
import { type FailedWay, ConnectAttempts } from '../../../src/network/connect-attempts.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

interface Try {
  readonly request: LaneOptions;
  readonly failed: FailedWay | undefined;
  readonly refusals: string[];
  isDestroyed: boolean;
  hasComeBack: boolean;
}

/** An opening whose lanes end as the test says; `ways` connections can be tried. */
function opening({ ways = 9, limitMs }: { ways?: number; limitMs?: number } = {}) {
  const clock = new FakeClock();
  const tries: Try[] = [];
  const begun = new ConnectAttempts('web:8080' as RoutingKey, {
    clock,
    options: { allowHalfOpen: false, ...(limitMs === undefined ? {} : { limitMs }) },
    open: (request, failed) => {
      if (tries.length === ways) return undefined;
      const made: Try = {
        request,
        failed,
        refusals: [],
        isDestroyed: false,
        hasComeBack: false,
      };
      tries.push(made);
      const lane = {
        isRouterSilent: false,
        get hasComeBack() {
          return made.hasComeBack;
        },
        destroy: (error: GatewayError) => {
          made.isDestroyed = true;
          request.onOpen(error);
        },
      };
      const refused = (key: string) => made.refusals.push(key);
      return { lane, connection: { refused, reached: () => {} }, routerId: 'A' } as never;
    },
  });
  begun.opened.catch(() => {});
  begun.begin();
  const fail = (code: FaultCode): void =>
    tries.at(-1)!.request.onOpen(new GatewayError(code, { retryable: true }));
  const comeBack = (code: FaultCode): void => {
    tries.at(-1)!.hasComeBack = true;
    fail(code);
  };
  return { clock, tries, fail, comeBack, opened: begun.opened };
}

test('a lost connection is no end of a stream that can go another way', async () => {
  const { tries, fail, opened } = opening();

  fail('network_unavailable');
  fail('network_unavailable');
  tries.at(-1)!.request.onOpen(undefined);

  assert.ok(await opened);
  assert.deepEqual(
    tries.map(({ failed }) => failed?.reason),
    [undefined, 'lost', 'lost'],
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
    tries.map(({ failed, refusals }) => [failed?.reason, refusals]),
    [
      [undefined, ['web:8080']],
      ['failed', ['web:8080']],
    ],
  );
});

for (const code of ['service_unavailable', 'routing_key_forbidden'] as const) {
  test(`${code} of one router is a reason to try another router`, async () => {
    const { tries, fail, opened } = opening();

    fail(code);
    tries.at(-1)!.request.onOpen(undefined);

    assert.ok(await opened);
    assert.deepEqual(tries[1]!.failed?.reason, 'no-way');
    assert.deepEqual(tries[0]!.refusals, ['web:8080']);
  });
}

test('what is wrong with one way is said when the next one does not answer in time', async () => {
  const { clock, fail, opened } = opening({ limitMs: 3_000 });
  fail('service_unavailable');

  clock.advance(3_050);

  await assert.rejects(opened, { code: 'service_unavailable' });
});

for (const code of ['service_unavailable', 'upstream_connect_failed'] as const) {
  test(`an opening that a consumer gave back, ${code}, is tried until another one takes it`, async () => {
    const { tries, comeBack, opened } = opening({ ways: 99 });

    for (let way = 0; way < 9; way += 1) comeBack(code);
    tries.at(-1)!.request.onOpen(undefined);

    assert.ok(await opened);
    assert.equal(tries.length, 10);
    assert.equal(tries[9]!.failed?.reason, 'came-back');
  });

  test(`sixteen consumers that give it back, ${code}, are enough`, async () => {
    const { tries, comeBack, opened } = opening({ ways: 99 });

    for (let way = 0; way < 16; way += 1) comeBack(code);

    await assert.rejects(opened, { code });
    assert.equal(tries.length, 16);
  });
}

for (const code of ['upstream_connect_timeout', 'client_gone'] as const) {
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

/** The first opening is late, and another was tried beside it. */
function lateOpening(options?: { ways?: number; limitMs?: number }) {
  const made = opening(options);
  made.tries[0]!.request.onLate!();
  return { ...made, first: made.tries[0]!, second: made.tries[1]! };
}

test('beside an opening that is late another is tried, and the first to be answered is taken', async () => {
  for (const winner of [0, 1]) {
    const { tries, opened } = lateOpening();

    tries[winner]!.request.onOpen(undefined);

    assert.ok(await opened);
    assert.deepEqual(
      tries.map(({ isDestroyed }) => isDestroyed),
      [winner === 1, winner === 0],
    );
  }
});

test('three openings of one stream are under way, and no more', () => {
  const { tries } = opening();

  for (let i = 0; i < 3; i += 1) tries.at(-1)!.request.onLate!();

  assert.equal(tries.length, 3);
  assert.ok(tries.every(({ isDestroyed }) => !isDestroyed));
});

test('a late opening that fails does not end the stream while another is under way', async () => {
  const { first, second, opened } = lateOpening();

  first.request.onOpen(new GatewayError('upstream_connect_timeout'));
  second.request.onOpen(undefined);

  assert.ok(await opened);
});

test('when the newer of two openings fails, the late one is waited for', async () => {
  const { first, second, opened } = lateOpening({ ways: 2 });

  second.request.onOpen(new GatewayError('upstream_connect_timeout'));
  first.request.onOpen(undefined);

  assert.ok(await opened);
});

test('with the last of them the stream fails', async () => {
  const { first, second, opened } = lateOpening({ ways: 2 });

  second.request.onOpen(new GatewayError('upstream_connect_timeout'));
  first.request.onOpen(new GatewayError('upstream_connect_timeout'));

  await assert.rejects(opened, { code: 'upstream_connect_timeout' });
});

test('after the limit no opening is left', async () => {
  const { clock, tries, opened } = lateOpening({ limitMs: 3_000 });

  clock.advance(3_050);

  await assert.rejects(opened, { code: 'upstream_connect_timeout' });
  assert.ok(tries.every(({ isDestroyed }) => isDestroyed));
});
