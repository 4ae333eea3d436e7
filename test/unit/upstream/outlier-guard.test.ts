import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import type { FaultCode, Origin } from '../../../src/core/errors.ts';
import { OutlierGuard } from '../../../src/upstream/outlier-guard.ts';
import type { OutlierGuardOptions } from '../../../src/upstream/outlier-guard.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { service } from '../../support/policy/policy.ts';

const WEB = service({ outlier: { failures: 3, minMs: 1_000, maxMs: 4_000 } });

/** An application that fails as told, behind the guard. */
function guarded(options?: OutlierGuardOptions) {
  const clock = new FakeClock();
  const guard = new OutlierGuard(clock, options);
  const application = {
    fault: 'upstream_connect_failed' as FaultCode | undefined,
    attempts: 0,
    answers: true,
    streams: [] as PassThrough[],
  };
  const open = guard.guard(() => {
    application.attempts += 1;
    const { fault } = application;
    if (fault === undefined) return Promise.resolve(connected(application));
    return Promise.reject(new GatewayError(fault, { detail: 'refused', retryable: true }));
  });
  const attempt = (): Promise<string> =>
    open(WEB).then(
      () => 'open',
      (error: GatewayError) => error.code,
    );
  const attempts = async (count: number) => {
    const codes: string[] = [];
    for (let index = 0; index < count; index += 1) codes.push(await attempt());
    return codes;
  };
  return { clock, guard, application, open, attempt, attempts };
}

function connected(application: { answers: boolean; streams: PassThrough[] }): PassThrough {
  const stream = new PassThrough();
  stream.on('error', () => {});
  application.streams.push(stream);
  if (!application.answers) return stream;
  stream.write('HTTP/1.1 200 OK');
  stream.resume();
  return stream;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('after three failures in a row the rest is refused without an attempt', async () => {
  const { attempts, application, guard } = guarded();

  const codes = await attempts(5);

  assert.deepEqual(codes, [
    ...Array.from({ length: 3 }, () => 'upstream_connect_failed'),
    'service_unavailable',
    'service_unavailable',
  ]);
  assert.equal(application.attempts, 3);
  assert.deepEqual(guard.probing, ['web']);
});

test('says what the service failed with, and that another attempt is of no use', async () => {
  const { attempts, open } = guarded();
  await attempts(3);

  const refusal = await open(WEB).catch((error: unknown) => error as GatewayError);

  assert.ok(refusal instanceof GatewayError && !refusal.retryable);
  assert.match(refusal.message, /web failed 3 times in a row and is being probed: refused/);
});

for (const probesAtOnce of [1, 2, 3]) {
  test(`${probesAtOnce} attempts at a time, with pauses that double up to the limit`, async () => {
    const { attempts, attempt, application, clock } = guarded({ probesAtOnce });
    await attempts(3);

    for (const pauseMs of [1_000, 2_000, 4_000, 4_000]) {
      clock.advance(pauseMs - 1);
      assert.equal(await attempt(), 'service_unavailable');
      clock.advance(1);
      const codes = await Promise.all(Array.from({ length: probesAtOnce + 2 }, attempt));
      const probes = codes.filter((code) => code === 'upstream_connect_failed');
      assert.equal(probes.length, probesAtOnce);
      assert.equal(codes.filter((code) => code === 'service_unavailable').length, 2);
    }

    assert.equal(application.attempts, 3 + 4 * probesAtOnce);
  });
}

test('of two probes at once the first success opens the service to all, whatever the other met', async () => {
  const { attempts, attempt, application, clock, guard } = guarded();
  await attempts(3);
  clock.advance(1_000);

  const refused = attempt();
  application.fault = undefined;
  const answered = attempt();

  assert.deepEqual(await Promise.all([refused, answered]), ['upstream_connect_failed', 'open']);
  await turn();
  assert.equal(await attempt(), 'open');
  assert.deepEqual(guard.probing, []);
});

test('a connection whose request got no octet of an answer is a failure too', async () => {
  const { attempts, attempt, application, clock, guard } = guarded();
  application.fault = undefined;
  application.answers = false;
  await attempts(3);

  for (const stream of application.streams) {
    guard.failed(stream, new GatewayError('upstream_reset'));
    stream.destroy();
  }
  await turn();
  const refused = await attempt();
  clock.advance(1_000);
  const probes = [await attempt(), await attempt(), await attempt()];

  assert.equal(refused, 'service_unavailable');
  assert.deepEqual(probes, ['open', 'open', 'service_unavailable']);
});

test('a connection that fails is one failure, however many requests it takes with it', async () => {
  const { attempt, application, guard } = guarded();
  application.fault = undefined;
  application.answers = false;
  await attempt();

  for (let i = 0; i < 10; i += 1) {
    guard.failed(application.streams[0]!, new GatewayError('upstream_reset'));
  }

  assert.equal(await attempt(), 'open');
});

for (const [what, end] of [
  ['that nobody says anything of', () => {}],
  ['given up by its client', failedWith('client_gone')],
  ['cut by the limit of its route', failedWith('exchange_timeout')],
  ['cut by a drain', failedWith('draining')],
  ['whose answer came too late', failedWith('upstream_response_timeout')],
  ['whose answer is no HTTP', failedWith('upstream_protocol_error')],
  ['lost with its router', failedWith('upstream_reset', 'network')],
] as const) {
  test(`a connection ${what} is no failure of the application`, async () => {
    const { attempts, application, guard } = guarded();
    application.fault = undefined;
    application.answers = false;
    await attempts(10);

    for (const stream of application.streams) {
      end(guard, stream);
      stream.destroy(new Error('aborted'));
    }
    await turn();

    assert.deepEqual(new Set(await attempts(10)), new Set(['open']));
    assert.deepEqual(guard.probing, []);
  });
}

function failedWith(code: FaultCode, origin?: Origin) {
  const error = new GatewayError(code, origin === undefined ? {} : { origin });
  return (guard: OutlierGuard, connection: PassThrough) => guard.failed(connection, error);
}

test('a connection that answered is no failure however it ends, read or told', async () => {
  const { attempts, attempt, application, guard } = guarded();
  application.fault = undefined;
  application.answers = false;
  await attempts(6);

  for (const stream of application.streams) guard.answered(stream);
  for (const stream of application.streams)
    guard.failed(stream, new GatewayError('upstream_reset'));

  assert.equal(await attempt(), 'open');
});

test('a probe whose answer is told, and read elsewhere, opens the service to all', async () => {
  const { attempts, attempt, application, clock, guard } = guarded();
  await attempts(3);
  clock.advance(1_000);
  application.fault = undefined;
  application.answers = false;
  await attempt();

  guard.answered(application.streams[0]!);

  assert.deepEqual(await attempts(3), ['open', 'open', 'open']);
  assert.deepEqual(guard.probing, []);
});

test('requests that wait long for an answer keep the places of probes for one pause only', async () => {
  const { attempts, application, clock } = guarded();
  await attempts(3);
  clock.advance(1_000);
  application.fault = undefined;
  application.answers = false;

  const first = await attempts(3);
  clock.advance(1_000);

  assert.deepEqual(first, ['open', 'open', 'service_unavailable']);
  assert.deepEqual(await attempts(3), first);
});

test('while one connection delivers, others that fail are not the fault of the service', async () => {
  const { attempt, attempts, application } = guarded();
  application.fault = undefined;
  await attempt();
  await turn();

  application.fault = 'upstream_connect_failed';
  const codes = await attempts(6);

  assert.deepEqual(new Set(codes), new Set(['upstream_connect_failed']));
});

test('a probe that is given up without an answer makes room for the next', async () => {
  const { attempt, attempts, application, clock } = guarded({ probesAtOnce: 1 });
  await attempts(3);
  clock.advance(1_000);
  application.fault = undefined;
  application.answers = false;
  await attempt();

  const meanwhile = await attempt();
  application.streams[0]!.destroy();
  await turn();

  assert.equal(meanwhile, 'service_unavailable');
  assert.equal(await attempt(), 'open');
});

test('one success opens the service to all again, and the pauses begin anew', async () => {
  const { attempts, attempt, application, clock } = guarded();
  await attempts(3);
  clock.advance(1_000);

  application.fault = undefined;
  const codes = [await attempt()];
  await turn();
  codes.push(...(await attempts(2)));
  for (const stream of application.streams) stream.destroy();
  await turn();
  application.fault = 'upstream_connect_timeout';
  await attempts(3);
  clock.advance(1_000);

  assert.deepEqual(codes, ['open', 'open', 'open']);
  assert.equal(await attempt(), 'upstream_connect_timeout');
});

test('failures of the network, or a missing consumer, are not the fault of the service', async () => {
  const { attempts, application } = guarded();

  application.fault = 'network_unavailable';
  await attempts(10);
  application.fault = 'service_unavailable';
  await attempts(10);

  assert.equal(application.attempts, 20);
});

test('failures that were under way when the pause began do not make it longer', async () => {
  const { attempt, clock } = guarded();
  await Promise.all(Array.from({ length: 10 }, attempt));

  clock.advance(1_000);

  assert.equal(await attempt(), 'upstream_connect_failed');
});

test('services are judged apart, and forgotten with their policy', async () => {
  const { attempts, open, guard } = guarded();
  await attempts(3);

  const other = await open(service({ name: 'mail', outlier: WEB.outlier })).catch(
    (error: GatewayError) => error.code,
  );
  guard.retain(new Map());

  assert.equal(other, 'upstream_connect_failed');
  assert.deepEqual(guard.probing, []);
});

test('a service that a reload leads elsewhere is tried at once, one that it leaves alone is not', async () => {
  const { attempts, open, guard } = guarded();
  await attempts(3);
  const code = (promise: Promise<unknown>) =>
    promise.then(String, (error: GatewayError) => error.code);

  const same = service({ outlier: { ...WEB.outlier } });
  guard.retain(new Map([['web', same]]));
  const left = await code(open(same));
  const mended = service({ outlier: WEB.outlier, address: 'web-2' as typeof WEB.address });
  guard.retain(new Map([['web', mended]]));
  const tried = await code(open(mended));

  assert.equal(left, 'service_unavailable');
  assert.equal(tried, 'upstream_connect_failed');
});

test('a connection that is closed as it opens is a failure, and a probe that ends so makes room', async () => {
  const { attempts, application, clock, guard } = guarded();
  await attempts(3);
  clock.advance(1_000);
  const dead = guard.guard(() => Promise.resolve(new PassThrough().destroy()));

  const code = await dead(WEB).then(String, (error: GatewayError) => error.code);
  application.fault = undefined;
  clock.advance(2_000);
  const probe = await attempts(1);

  assert.equal(code, 'upstream_connect_failed');
  assert.deepEqual(probe, ['open']);
});
