import assert from 'node:assert/strict';
import test from 'node:test';
import { type Retiree, type RetirementOptions, Retirement } from '../../../src/core/retirement.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

/** A thing whose uses and close the test has in its hands. */
class Thing implements Retiree {
  over: (() => void) | undefined;
  closes = 0;
  readonly #closed = Promise.withResolvers<void>();

  retire(over: () => void): void {
    assert.equal(this.over, undefined, 'retired once');
    this.over = over;
  }

  close(): Promise<void> {
    this.closes += 1;
    return this.#closed.promise;
  }

  async isClosed(): Promise<void> {
    this.#closed.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function retirement(options: RetirementOptions = {}) {
  const clock = new FakeClock();
  return { clock, retired: new Retirement<Thing>({ clock, ...options }) };
}

test('closes a thing when its last use is over, and forgets it when it is closed', async () => {
  const { retired } = retirement();
  const thing = new Thing();

  retired.retire(thing);
  const before = thing.closes;
  thing.over!();

  assert.deepEqual([before, thing.closes], [0, 1]);
  assert.deepEqual(retired.things, [thing]);
  await thing.isClosed();
  assert.deepEqual(retired.things, []);
});

test('closes a thing at its limit, whatever still uses it', () => {
  const { clock, retired } = retirement({ limitMs: 1000 });
  const thing = new Thing();

  retired.retire(thing);
  clock.advance(999);
  const before = thing.closes;
  clock.advance(1);

  assert.deepEqual([before, thing.closes], [0, 1]);
});

test('waits for no limit where there is none', () => {
  const { clock, retired } = retirement();
  const thing = new Thing();

  retired.retire(thing);
  clock.advance(1e9);

  assert.equal(thing.closes, 0);
});

test('leaves a thing alone for its grace, and then asks when it is over', () => {
  const { clock, retired } = retirement({ graceMs: 100, limitMs: 1000 });
  const thing = new Thing();

  retired.retire(thing);
  clock.advance(99);
  const before = thing.over;
  clock.advance(1);

  assert.equal(before, undefined);
  assert.notEqual(thing.over, undefined);
});

test('closes the oldest of those that wait when there are too many, and says so', () => {
  let crowded = 0;
  const { retired } = retirement({ most: 2, onCrowded: () => (crowded += 1) });
  const things = [new Thing(), new Thing(), new Thing(), new Thing()];

  for (const thing of things) retired.retire(thing);

  assert.deepEqual(
    things.map(({ closes }) => closes),
    [1, 1, 0, 0],
  );
  assert.equal(crowded, 2);
});

test('closes each once, however it comes to it', async () => {
  const { clock, retired } = retirement({ limitMs: 1000 });
  const thing = new Thing();
  retired.retire(thing);

  thing.over!();
  const all = retired.closeAll();
  retired.retire(thing);
  clock.advance(1000);
  await thing.isClosed();
  await all;

  assert.equal(thing.closes, 1);
  assert.equal(clock.pendingCount, 0);
});

test('closes all at once, those that were never retired too', async () => {
  const { clock, retired } = retirement({ limitMs: 1000, graceMs: 10 });
  const [waiting, unused] = [new Thing(), new Thing()];
  retired.retire(waiting);
  const one = retired.close(unused);

  const all = retired.closeAll();
  await Promise.all([waiting.isClosed(), unused.isClosed(), one, all]);

  assert.deepEqual([waiting.closes, unused.closes], [1, 1]);
  assert.deepEqual(retired.things, []);
  assert.equal(clock.pendingCount, 0);
});
