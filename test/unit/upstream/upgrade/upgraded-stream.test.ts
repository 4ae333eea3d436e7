import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import test from 'node:test';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import type { GatewayError } from '../../../../src/core/errors.ts';
import { UpgradedStream } from '../../../../src/upstream/upgrade/upgraded-stream.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { FakeBody } from '../../../support/fakes/message.ts';

/** A connection to an application that takes everything and ends when it is told to. */
function scene() {
  const clock = new FakeClock();
  const body = new FakeBody(undefined);
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const seen = { ends: 0, faults: [] as GatewayError[] };
  let isDone = false;
  const stream = new UpgradedStream(connection, {
    clock,
    body,
    finish: () => {
      const isFirst = !isDone;
      isDone = true;
      return isFirst;
    },
    receiver: {
      connected() {},
      sent() {},
      progress() {},
      informational() {},
      head() {},
      data() {},
      end: () => (seen.ends += 1),
      fail: (error) => void seen.faults.push(error),
    },
  });
  stream.start(Buffer.alloc(0));
  return { clock, body, connection, seen };
}

test('a stream whose client is gone ends, though its application ignores it', () => {
  const { clock, body, connection, seen } = scene();

  body.receiver!.end([]);
  clock.advance(DEADLINES.upgradeEndMs - 1);
  const before = seen.faults.length;
  clock.advance(1);

  assert.equal(before, 0);
  assert.deepEqual(
    seen.faults.map(({ code }) => code),
    ['client_gone'],
  );
  assert.equal(connection.destroyed, true);
});

test('an application that ends in time ends the stream in order, and no timer is left', async () => {
  const { clock, body, connection, seen } = scene();

  body.receiver!.end([]);
  connection.push(null);
  await new Promise((resolve) => connection.once('close', resolve));
  clock.advance(DEADLINES.upgradeEndMs);

  assert.deepEqual(seen, { ends: 1, faults: [] });
  assert.equal(clock.pendingCount, 0);
});
