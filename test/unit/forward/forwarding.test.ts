import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { Forwarding } from '../../../src/forward/forwarding.ts';
import type { RuleTimeout } from '../../../src/policy/snapshot/snapshot.ts';
import { RetryBudget } from '../../../src/forward/retry-budget.ts';
import type { UpstreamCall, UpstreamReceiver } from '../../../src/upstream/upstream.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeBody, FakeSink } from '../../support/fakes/message.ts';
import { service } from '../../support/policy/policy.ts';

class FakeCall implements UpstreamCall {
  readonly receiver: UpstreamReceiver;
  isPaused = false;
  abortedWith: GatewayError | undefined;

  constructor(receiver: UpstreamReceiver) {
    this.receiver = receiver;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  abort(error: GatewayError): void {
    this.abortedWith = error;
  }
}

function scene(
  timeout: Partial<RuleTimeout> = {},
  budget = new RetryBudget(),
  retry: ReturnType<typeof service>['retry'] | 'off' = { ratio: 0.1, withinMs: 1000 },
) {
  const clock = new FakeClock();
  const sink = new FakeSink();
  const calls: FakeCall[] = [];
  const faults: GatewayError[] = [];
  const waits = {
    connectMs: DEADLINES.upstreamConnectMs,
    responseMs: DEADLINES.upstreamResponseMs,
    idleMs: DEADLINES.upstreamIdleMs,
    streamIdleMs: DEADLINES.upstreamStreamIdleMs,
    totalMs: undefined,
    ...timeout,
  };
  const forwarding = new Forwarding({
    upstream: {
      send(_request, receiver) {
        const call = new FakeCall(receiver);
        calls.push(call);
        return call;
      },
    },
    request: {
      service: service({ retry: retry === 'off' ? undefined : retry }),
      method: 'GET',
      target: '/',
      headers: [],
      body: new FakeBody(),
    },
    waits,
    receiver: {
      requestOctets: () => {},
      retried: () => {},
      informational: (status) => sink.informational(status),
      head: (status, headers, isWhole) =>
        sink.head(status, headers, { length: undefined, isWhole }),
      data: (chunk) => sink.data(chunk),
      end: () => sink.end(),
      // As `Exchange.fail` does.
      fail: (error) => {
        faults.push(error);
        if (sink.isHeadSent) sink.abort(error);
      },
    },
    clock,
    budget,
  });
  sink.onDrain(() => forwarding.resume());
  forwarding.start();
  return { clock, sink, calls, faults, forwarding };
}

const refusedConnection = () => new GatewayError('upstream_connect_failed', { retryable: true });

test('passes head, body and end on', () => {
  const { calls, sink, clock } = scene();
  const { receiver } = calls[0]!;

  receiver.head(200, ['x-a', '1']);
  receiver.data(Buffer.from('hello'));
  receiver.end([]);

  assert.equal(sink.status, 200);
  assert.equal(sink.body, 'hello');
  assert.equal(sink.isEnded, true);
  assert.equal(clock.pendingCount, 0);
});

test('a full client pauses the application until it drains', () => {
  const { calls, sink } = scene();
  calls[0]!.receiver.head(200, []);
  sink.isFull = true;

  calls[0]!.receiver.data(Buffer.from('x'));
  const whileFull = calls[0]!.isPaused;
  sink.drain();

  assert.equal(whileFull, true);
  assert.equal(calls[0]!.isPaused, false);
});

test('no response head within upstreamResponseMs is a fault, and the call is given up', () => {
  const { clock, calls, faults } = scene();

  clock.advance(DEADLINES.upstreamResponseMs);

  assert.equal(faults[0]?.code, 'upstream_response_timeout');
  assert.equal(calls[0]!.abortedWith?.code, 'upstream_response_timeout');
});

test('an upload that moves puts the head deadline off', () => {
  const { clock, calls, faults } = scene();

  clock.advance(DEADLINES.upstreamResponseMs - 1);
  calls[0]!.receiver.progress();
  clock.advance(DEADLINES.upstreamResponseMs - 1);

  assert.deepEqual(faults, []);
});

test('silence of upstreamIdleMs in mid-response cuts the response', () => {
  const { clock, calls, sink, faults } = scene();
  calls[0]!.receiver.head(200, []);

  clock.advance(DEADLINES.upstreamIdleMs);

  assert.equal(faults[0]?.code, 'upstream_idle_timeout');
  assert.equal(sink.abortedWith?.code, 'upstream_idle_timeout');
});

test('an idle limit shorter than the head limit is kept to the millisecond', () => {
  const { clock, calls, sink } = scene({ idleMs: 1000 });
  calls[0]!.receiver.head(200, []);

  clock.advance(999);
  const before = sink.abortedWith;
  clock.advance(1);

  assert.equal(before, undefined);
  assert.equal(sink.abortedWith?.code, 'upstream_idle_timeout');
});

test('while the client does not read, the silence of the application does not count', () => {
  const { clock, calls, sink } = scene();
  calls[0]!.receiver.head(200, []);
  sink.isFull = true;
  calls[0]!.receiver.data(Buffer.from('x'));

  clock.advance(DEADLINES.upstreamIdleMs * 3);

  assert.equal(sink.abortedWith, undefined);
});

test('a connection that failed before any octet is tried once more', () => {
  const { calls, sink, faults } = scene();

  calls[0]!.receiver.fail(refusedConnection());
  calls[1]!.receiver.head(200, []);
  calls[1]!.receiver.end([]);

  assert.equal(sink.status, 200);
  assert.deepEqual(faults, []);
});

test('a second failure is told, not tried a third time', () => {
  const { calls, faults } = scene();

  calls[0]!.receiver.fail(refusedConnection());
  calls[1]!.receiver.fail(refusedConnection());

  assert.equal(calls.length, 2);
  assert.equal(faults[0]?.code, 'upstream_connect_failed');
});

test('what may have left is never sent again', () => {
  const { calls, faults } = scene();

  calls[0]!.receiver.fail(new GatewayError('upstream_reset'));

  assert.equal(calls.length, 1);
  assert.equal(faults[0]?.code, 'upstream_reset');
});

test('a failure after a long wait is told at once: a retry would double it', () => {
  const { clock, calls, faults } = scene();
  clock.advance(1001);

  calls[0]!.receiver.fail(refusedConnection());

  assert.equal(calls.length, 1);
  assert.equal(faults.length, 1);
});

test('retries stay below a tenth of the requests of a service (R-53)', () => {
  const budget = new RetryBudget();
  let retries = 0;

  for (let i = 0; i < 1000; i += 1) {
    const { calls } = scene({}, budget);
    calls[0]!.receiver.fail(refusedConnection());
    if (calls.length === 2) retries += 1;
  }

  assert.ok(retries >= 100 && retries <= 110, `${retries} retries`);
});

test('a service may earn more retries, or have none', () => {
  const retriesOf = (retry: { ratio: number; withinMs: number } | 'off') => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let i = 0; i < 100; i += 1) {
      const { calls } = scene({}, budget, retry);
      calls[0]!.receiver.fail(refusedConnection());
      if (calls.length === 2) retries += 1;
    }
    return retries;
  };

  assert.equal(retriesOf({ ratio: 0.5, withinMs: 1000 }), 60 - 1);
  assert.equal(retriesOf('off'), 0);
});

test('a retry starts as soon after the request as the service says', () => {
  const { clock, calls } = scene({}, new RetryBudget(), { ratio: 0.1, withinMs: 5000 });
  clock.advance(5000);

  calls[0]!.receiver.fail(refusedConnection());

  assert.equal(calls.length, 2);
});

test('a request waits for its connection as long as its rule says, though the service tries longer', () => {
  const { clock, calls, faults } = scene({ connectMs: 2000 });

  clock.advance(1999);
  const before = faults.length;
  clock.advance(1);

  assert.equal(before, 0);
  assert.equal(faults[0]?.code, 'upstream_connect_timeout');
  assert.equal(calls[0]!.abortedWith?.code, 'upstream_connect_timeout');
  assert.equal(clock.pendingCount, 0);
});

test('a request that has its connection is not given up for the wait before it', () => {
  const { clock, calls, faults } = scene({ connectMs: 2000 });

  calls[0]!.receiver.connected();
  clock.advance(10_000);

  assert.deepEqual(faults, []);
});

test('a connection that did not come within a second is tried once more, for as long again', () => {
  const { clock, calls, faults } = scene({ connectMs: 500 });

  clock.advance(500);
  const attempts = calls.length;
  clock.advance(500);

  assert.equal(attempts, 2);
  assert.equal(calls[0]!.abortedWith?.code, 'upstream_connect_timeout');
  assert.equal(faults[0]?.code, 'upstream_connect_timeout');
});

test('a failure after the head is visible to the client, not a clean end', () => {
  const { calls, sink } = scene();
  calls[0]!.receiver.head(200, []);

  calls[0]!.receiver.fail(new GatewayError('upstream_reset'));

  assert.equal(sink.isEnded, false);
  assert.equal(sink.abortedWith?.code, 'upstream_reset');
});

test('an abort closes the call and silences it', () => {
  const { calls, sink, forwarding, clock, faults } = scene();

  forwarding.abort(new GatewayError('client_gone'));
  calls[0]!.receiver.head(200, []);

  assert.equal(calls[0]!.abortedWith?.code, 'client_gone');
  assert.equal(sink.status, undefined);
  assert.deepEqual(faults, []);
  assert.equal(clock.pendingCount, 0);
});

for (const [what, status, type] of [
  ['a switched protocol', 101, 'none'],
  ['an event stream', 200, 'text/event-stream; charset=utf-8'],
  ['a gRPC stream', 200, 'application/grpc+proto'],
] as const) {
  test(`${what} may be silent for timeout.stream, which is longer than idle`, () => {
    const { clock, calls, faults } = scene({ idleMs: 1_000, streamIdleMs: 100_000 });

    calls[0]!.receiver.head(status, ['Content-Type', type]);
    clock.advance(99_000);
    const before = faults.length;
    clock.advance(1_001);

    assert.equal(before, 0);
    assert.equal(faults[0]?.code, 'upstream_idle_timeout');
  });
}

test('a client that does not take interim responses holds the application', () => {
  const { sink, calls } = scene();
  sink.isFull = true;

  calls[0]!.receiver.informational(103, []);
  const isHeld = calls[0]!.isPaused;
  sink.isFull = false;
  sink.drain();

  assert.equal(isHeld, true);
  assert.equal(calls[0]!.isPaused, false);
  calls[0]!.receiver.head(200, []);
  assert.equal(sink.status, 200);
});

test('more than 64 interim responses are a fault of the application, and its connection ends', () => {
  const { sink, calls, faults } = scene();

  for (let i = 0; i < 65; i += 1) calls[0]!.receiver.informational(103, []);

  assert.equal(sink.interim.length, 64);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['upstream_protocol_error'],
  );
  assert.equal(calls[0]!.abortedWith?.code, 'upstream_protocol_error');
});
