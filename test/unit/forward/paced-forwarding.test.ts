import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import type { Forwarding } from '../../../src/forward/forwarding.ts';
import { PacedForwarding } from '../../../src/forward/paced-forwarding.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeBody, FakeSink } from '../../support/fakes/message.ts';

function scene() {
  const clock = new FakeClock();
  const sink = new FakeSink();
  const source = new FakeBody(undefined);
  const faults: string[] = [];
  const seen = { resumes: 0, abortedWith: undefined as GatewayError | undefined };
  const paced = new PacedForwarding({
    bytesPerSecond: 10,
    clock,
    body: source,
    receiver: {
      requestOctets: () => {},
      retried: () => {},
      informational: (status) => sink.informational(status),
      head: (status, headers) => sink.head(status, headers, { length: undefined }),
      data: (chunk) => sink.data(chunk),
      end: () => sink.end(),
      fail: (error) => faults.push(error.code),
    },
  });
  const forwarding: Pick<Forwarding, 'resume' | 'abort'> = {
    resume: () => (seen.resumes += 1),
    abort: (error) => (seen.abortedWith = error),
  };
  paced.steer(forwarding as Forwarding);
  return { clock, sink, source, paced, seen, faults };
}

const gone = () => new GatewayError('client_gone', { detail: 'gone' });

test('a response beyond its bandwidth pauses the application, and resumes it by itself', () => {
  const { clock, sink, paced, seen } = scene();

  const room = [paced.data(Buffer.from('0123456789')), paced.data(Buffer.from('ab'))];
  paced.end([]);
  const early = [sink.body, sink.isEnded, seen.resumes];
  clock.advance(200);

  assert.deepEqual(room, [true, false]);
  assert.deepEqual(early, ['0123456789', false, 0]);
  assert.deepEqual([sink.body, sink.isEnded], ['0123456789ab', true]);
});

test('a client without room holds the response, and its drain does not lift the pace', () => {
  const { clock, sink, paced, seen } = scene();
  sink.isFull = true;

  const room = paced.data(Buffer.from('0123456789'));
  paced.data(Buffer.from('ab'));
  clock.advance(50);
  sink.isFull = false;
  paced.resume();
  const drained = [sink.body, seen.resumes];
  clock.advance(150);

  assert.equal(room, false);
  assert.deepEqual(drained, ['0123456789', 0]);
  assert.deepEqual([sink.body, seen.resumes], ['0123456789ab', 1]);
});

test('an interim response that found no room goes on with the drain', () => {
  const { sink, paced, seen } = scene();
  sink.isFull = true;

  const hadRoom = paced.informational(103, []);
  paced.resume();

  assert.deepEqual([hadRoom, seen.resumes], [false, 1]);
});

test('a request body beyond its bandwidth pauses the client', () => {
  const { clock, source, paced } = scene();
  let text = '';
  let isEnded = false;
  paced.body.consume({
    data: (chunk) => (text += Buffer.from(chunk).toString()),
    end: () => (isEnded = true),
    fail: () => {},
  });

  source.receiver!.data(Buffer.from('0123456789ab'));
  source.receiver!.end([]);
  const early = [text, source.isPaused, isEnded];
  clock.advance(200);

  assert.deepEqual(early, ['0123456789', true, false]);
  assert.deepEqual([text, isEnded], ['0123456789ab', true]);
});

test('the application has no room: the client is paused, and nothing is handed on', () => {
  const { clock, source, paced } = scene();
  let text = '';
  paced.body.consume({
    data: (chunk) => (text += Buffer.from(chunk).toString()),
    end: () => {},
    fail: () => {},
  });

  paced.body.pause();
  source.receiver!.data(Buffer.from('late'));
  clock.advance(5000);
  const held = [text, source.isPaused];
  paced.body.resume();

  assert.deepEqual(held, ['', true]);
  assert.deepEqual([text, source.isPaused], ['late', false]);
});

for (const [how, end] of [
  ['was aborted', (paced: PacedForwarding) => paced.abort(gone())],
  ['failed', (paced: PacedForwarding) => paced.fail(gone())],
] as const) {
  test(`a forwarding that ${how} in a pause sends nothing more and keeps no timer`, () => {
    const { clock, sink, source, paced, seen, faults } = scene();
    paced.body.consume({ data: () => {}, end: () => {}, fail: () => {} });
    source.receiver!.data(Buffer.from('0123456789ab'));
    paced.data(Buffer.from('0123456789ab'));
    const waiting = clock.pendingCount;

    end(paced);
    clock.advance(10_000);

    assert.equal(waiting, 2);
    assert.deepEqual([sink.body, clock.pendingCount], ['0123456789', 0]);
    assert.equal(seen.abortedWith?.code ?? faults[0], 'client_gone');
  });
}
