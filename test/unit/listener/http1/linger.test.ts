import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import test from 'node:test';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import { Linger } from '../../../../src/listener/http1/linger.ts';

test('a client that still sends is read on for clientLingerMs, and no longer', () => {
  const linger = new Linger(new Socket());

  linger.close(true, 1000);

  assert.equal(linger.isExpired(1000 + DEADLINES.clientLingerMs - 1), false);
  assert.equal(linger.isExpired(1000 + DEADLINES.clientLingerMs), true);
});
