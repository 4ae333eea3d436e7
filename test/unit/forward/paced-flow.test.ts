import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PacedFlow } from '../../../src/forward/paced-flow.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

interface Delivered {
  readonly atMs: number;
  readonly text: string;
}

function scene(bytesPerSecond: number) {
  const clock = new FakeClock(0);
  const delivered: Delivered[] = [];
  const source = { isPaused: false, pauses: 0 };
  const flow = new PacedFlow({
    bytesPerSecond,
    clock,
    source: {
      pause: () => {
        source.isPaused = true;
        source.pauses += 1;
      },
      resume: () => (source.isPaused = false),
    },
    deliver: (octets) =>
      delivered.push({ atMs: clock.now(), text: Buffer.from(octets).toString('latin1') }),
  });
  const says = (text: string) => flow.data(Buffer.from(text, 'latin1'));
  const text = () => delivered.map((each) => each.text).join('');
  return { clock, flow, source, delivered, says, text };
}

test('one second of octets passes at once, and costs neither a pause nor a timer', () => {
  const { clock, source, says, text } = scene(10);

  for (let i = 0; i < 10; i += 1) says(String(i));

  assert.equal(text(), '0123456789');
  assert.deepEqual([source.pauses, clock.pendingCount], [0, 0]);
});

test('what is more pauses the source behind one timer, and goes on by tenths of a second', () => {
  const { clock, source, says, delivered } = scene(10);

  says('0123456789');
  says('ab');
  says('c');
  const paused = [source.isPaused, clock.pendingCount];
  clock.advance(1000);

  assert.deepEqual(paused, [true, 1]);
  assert.deepEqual(
    delivered.slice(1).map(({ atMs, text }) => [atMs, text]),
    [
      [100, 'a'],
      [200, 'b'],
      [300, 'c'],
    ],
  );
  assert.deepEqual([source.isPaused, source.pauses, clock.pendingCount], [false, 1, 0]);
});

test('the end comes behind the last octet', () => {
  const { clock, flow, says, text } = scene(10);
  let seen: string | undefined;

  says('0123456789ab');
  flow.end(() => (seen = text()));
  const early = seen;
  clock.advance(199);
  const before = seen;
  clock.advance(1);

  assert.deepEqual([early, before, seen], [undefined, undefined, '0123456789ab']);
});

test('a far end without room gets nothing, though time would allow it', () => {
  const { clock, flow, source, says, text } = scene(10);

  says('0123456789');
  flow.hold();
  says('ab');
  clock.advance(5000);
  const held = [text(), source.isPaused];
  flow.release();

  assert.deepEqual(held, ['0123456789', true]);
  assert.deepEqual([text(), source.isPaused], ['0123456789ab', false]);
});

test('a flow that was stopped delivers nothing, keeps no timer and pauses nobody', () => {
  const { clock, flow, source, says, text } = scene(10);
  says('0123456789ab');
  let isEnded = false;

  flow.stop();
  says('more');
  flow.end(() => (isEnded = true));
  clock.advance(10_000);

  assert.deepEqual([text(), isEnded, clock.pendingCount], ['0123456789', false, 0]);
  assert.equal(source.pauses, 1);
});

test('in any time T at most one second of octets and rate × T pass, in order and all of them', () => {
  const step = fc.record({
    octets: fc.integer({ min: 0, max: 3000 }),
    pauseMs: fc.integer({ min: 0, max: 2500 }),
    act: fc.constantFrom('none', 'hold', 'release'),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 500, max: 5000 }),
      fc.array(step, { maxLength: 12 }),
      (bytesPerSecond, steps) => {
        const { clock, flow, delivered, text } = scene(bytesPerSecond);
        let sent = '';
        for (const { octets, pauseMs, act } of steps) {
          const chunk = String.fromCharCode(97 + (sent.length % 26)).repeat(octets);
          sent += chunk;
          flow.data(Buffer.from(chunk, 'latin1'));
          if (act !== 'none') flow[act]();
          clock.advance(pauseMs);
        }
        flow.release();
        clock.advance((sent.length * 1000) / bytesPerSecond + 5000);
        assert.equal(text(), sent);
        assertWithin(delivered, bytesPerSecond);
        assert.equal(clock.pendingCount, 0);
      },
    ),
    { seed: 20261129, numRuns: 300 },
  );
});

/** Of every two deliveries: what passed from the first to the second. */
function assertWithin(delivered: readonly Delivered[], bytesPerSecond: number): void {
  for (let first = 0; first < delivered.length; first += 1) {
    let passed = 0;
    for (const { atMs, text } of delivered.slice(first)) {
      passed += text.length;
      const most = bytesPerSecond + ((atMs - delivered[first]!.atMs) * bytesPerSecond) / 1000;
      // A millionth of an octet forgives the rounding of sums.
      assert.ok(passed <= most + 1e-6, `${passed} octets where ${most} are allowed`);
    }
  }
}
