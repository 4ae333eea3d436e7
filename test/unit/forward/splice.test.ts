import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { Splice } from '../../../src/forward/splice.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

/** One end of the splice, whose far side the test plays. */
class End extends Duplex {
  readonly written: string[] = [];
  /** Its write waits until it is set free. */
  isFull = false;
  #waiting: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 8 });
    this.pause();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.written.push(chunk.toString());
    if (this.isFull) this.#waiting = callback;
    else callback();
  }

  frees(): void {
    this.isFull = false;
    this.#waiting?.();
  }

  says(text: string): void {
    this.push(text);
  }

  ends(): void {
    this.push(null);
  }
}

function scene(idleMs = 1_000, bytesPerSecond?: number) {
  const clock = new FakeClock();
  const client = new End();
  const upstream = new End();
  const ends: (GatewayError | undefined)[] = [];
  const resets: boolean[] = [];
  const resetClient = () => {
    resets.push(true);
    client.destroy();
  };
  const onEnd = (error: GatewayError | undefined) => void ends.push(error);
  const waits = { idleMs, writeMs: 300, bytesPerSecond };
  const splice = new Splice({ client, upstream, clock, ...waits, resetClient, onEnd });
  return { clock, client, upstream, splice, ends, resets };
}

test('each half ends by itself, and the whole is complete when both are closed', async () => {
  const { clock, client, upstream, splice, ends, resets } = scene();

  client.says('up');
  client.ends();
  await turns();
  upstream.says('down');
  await turns();
  const before = [client.writableEnded, upstream.writableEnded, ends.length];
  upstream.ends();
  await turns();
  clock.advance(DEADLINES.upstreamEndMs);
  await turns();

  assert.deepEqual(before, [false, true, 0]);
  assert.deepEqual([upstream.written, client.written], [['up'], ['down']]);
  assert.deepEqual([ends, resets], [[undefined], []]);
  assert.deepEqual([splice.fromClientBytes, splice.toClientBytes], [2, 4]);
});

test('silence both ways for the idle time cuts both; an octet either way puts it off', async () => {
  const { clock, client, upstream, ends, resets } = scene();

  clock.advance(900);
  client.says('x');
  await turns();
  clock.advance(900);
  upstream.says('y');
  await turns();
  clock.advance(999);
  const before = ends.length;
  clock.advance(1);
  await turns();

  assert.equal(before, 0);
  assert.deepEqual([ends.length, ends[0]?.code], [1, 'upstream_idle_timeout']);
  assert.deepEqual([resets, upstream.errored, upstream.destroyed], [[true], ends[0], true]);
});

test('a client that takes nothing for the write time is given up; one that takes is not', async () => {
  const { clock, client, upstream, ends } = scene();
  client.isFull = true;

  upstream.says('more than it holds');
  await turns();
  clock.advance(299);
  client.frees();
  await turns();
  clock.advance(299);
  const before = ends.length;
  client.isFull = true;
  upstream.says('more than it holds');
  await turns();
  clock.advance(300);

  assert.equal(before, 0);
  assert.match(ends[0]?.message ?? '', /took nothing for 300 ms/);
});

for (const [from, to] of [
  ['client', 'upstream'],
  ['upstream', 'client'],
] as const) {
  test(`a full ${to} stops the ${from}, and goes on with it when it is free`, async () => {
    const { [from]: source, [to]: target } = scene();
    target.isFull = true;

    source.says('much more than it holds');
    await turns();
    source.says('later');
    await turns();
    const before = [source.isPaused(), target.written.length];
    target.frees();
    await turns();

    assert.deepEqual(before, [true, 1]);
    assert.deepEqual(target.written, ['much more than it holds', 'later']);
  });
}

test('an upstream that fails before its end resets the client', async () => {
  const { upstream, ends, resets } = scene();

  upstream.destroy(new GatewayError('upstream_reset', { detail: 'the router died' }));
  await turns();

  assert.equal(ends[0]?.message, 'the router died');
  assert.deepEqual(resets, [true]);
});

test('an upstream that closes without an end is a reset, not an end', async () => {
  const { upstream, ends, resets } = scene();

  upstream.destroy();
  await turns();

  assert.equal(ends[0]?.code, 'upstream_reset');
  assert.deepEqual(resets, [true]);
});

test('a client that fails takes the upstream with it', async () => {
  const { client, upstream, ends } = scene();

  client.destroy(new Error('ECONNRESET'));
  await turns();

  assert.equal(ends[0]?.code, 'client_gone');
  assert.equal(upstream.errored, ends[0]);
});

test('an upstream that fails behind its end leaves the client its last octets, for clientLingerMs', async () => {
  const { clock, client, upstream, splice, ends, resets } = scene(60_000);
  client.isFull = true;
  upstream.says('last');
  upstream.ends();
  await turns();
  clock.advance(DEADLINES.upstreamEndMs);

  upstream.destroy(new GatewayError('upstream_reset'));
  await turns();
  client.says('nobody reads this');
  await turns();
  client.frees();
  await turns();
  clock.advance(DEADLINES.clientLingerMs - 1);
  const before = [client.destroyed, client.writableFinished];
  clock.advance(1);
  await turns();

  assert.deepEqual(before, [false, true]);
  assert.deepEqual([client.written, splice.fromClientBytes], [['last'], 0]);
  assert.deepEqual([ends.length, ends[0]?.code, resets], [1, 'upstream_reset', [true]]);
});

test('an end of the upstream is handed on after upstreamEndMs, unless a failure follows', async () => {
  const [clean, reset] = [scene(), scene()];
  for (const { upstream } of [clean, reset]) upstream.ends();
  await turns();

  reset.upstream.destroy(new GatewayError('upstream_reset'));
  await turns();
  clean.clock.advance(DEADLINES.upstreamEndMs - 1);
  const before = clean.client.writableEnded;
  clean.clock.advance(1);

  assert.deepEqual([before, clean.client.writableEnded], [false, true]);
  assert.deepEqual([reset.resets, reset.client.writableEnded], [[true], false]);
});

test('an upstream that is done hands its end on at once', async () => {
  const { client, upstream, ends } = scene();

  client.ends();
  await turns();
  upstream.ends();
  await turns();

  assert.deepEqual([client.writableEnded, ends], [true, [undefined]]);
});

test('what fails when both have ended and nothing waits failed nobody', async () => {
  const { client, upstream, ends, resets } = scene();
  let finish: () => void = () => {};
  client._final = (callback) => (finish = callback);
  upstream._final = () => {};
  client.ends();
  upstream.ends();
  await turns();

  upstream.destroy(new GatewayError('upstream_reset', { detail: 'no outcome' }));
  await turns();
  finish();
  await turns();

  assert.deepEqual([ends, resets], [[undefined], []]);
});

test('a client that is done waits for what is still on its way up', async () => {
  const { clock, client, upstream, ends } = scene();
  upstream.ends();
  await turns();
  clock.advance(DEADLINES.upstreamEndMs);
  upstream.isFull = true;
  client.says('tail');
  client.ends();
  await turns();

  const before = [client.closed, upstream.destroyed, ends.length];
  upstream.frees();
  await turns();

  assert.deepEqual(before, [true, false, 0]);
  assert.deepEqual([upstream.written, ends], [['tail'], [undefined]]);
});

test('an upstream that died before it was joined ends the client too', async () => {
  const clock = new FakeClock();
  const [client, upstream] = [new End(), new End()];
  const ends: (GatewayError | undefined)[] = [];
  upstream.on('error', () => {});
  upstream.destroy(new GatewayError('upstream_reset', { detail: 'too late' }));
  await turns();

  const splice = new Splice({
    client,
    upstream,
    clock,
    idleMs: 1_000,
    writeMs: 300,
    bytesPerSecond: undefined,
    resetClient: () => client.destroy(),
    onEnd: (error) => void ends.push(error),
  });
  await turns();

  assert.deepEqual([ends.length, ends[0]?.message], [1, 'too late']);
  assert.equal(splice.fromClientBytes, 0);
  assert.equal(clock.pendingCount, 0);
});

test('no timer is left of a splice that ended', async () => {
  const { clock, client, upstream } = scene();

  client.ends();
  upstream.ends();
  await turns();

  assert.equal(clock.pendingCount, 0);
});

/** Streams tell of what happened in later turns. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

for (const [from, to] of [
  ['client', 'upstream'],
  ['upstream', 'client'],
] as const) {
  test(`octets from the ${from} keep the bandwidth, and the end waits for the last of them`, async () => {
    const { clock, [from]: source, [to]: target, ends, client, upstream } = scene(60_000, 10);

    source.says('0123456789abcdefghij');
    source.ends();
    await turns();
    const atOnce = target.written.join('');
    clock.advance(500);
    await turns();
    const halfway = [target.written.join(''), target.writableEnded];
    clock.advance(600);
    await turns();
    target.ends();
    await turns();

    assert.equal(atOnce, '0123456789');
    assert.deepEqual(halfway, ['0123456789abcde', false]);
    assert.equal(target.written.join(''), '0123456789abcdefghij');
    assert.deepEqual(ends, [undefined]);
    assert.deepEqual([client.destroyed, upstream.destroyed, clock.pendingCount], [true, true, 0]);
  });
}

test('a splice that is given up while octets wait leaves no timer', async () => {
  const { clock, client, splice } = scene(60_000, 10);
  client.says('0123456789abcdefghij');
  await turns();

  splice.abort(new GatewayError('client_gone', { detail: 'gone' }));
  await turns();

  assert.equal(clock.pendingCount, 0);
});
