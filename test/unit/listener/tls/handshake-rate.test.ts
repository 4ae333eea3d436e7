import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketShape } from '../../../../src/core/bucket-shape.ts';
import { HandshakeRate } from '../../../../src/listener/tls/handshake-rate.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { rate } from '../../../support/policy/policy.ts';

const SHAPE = bucketShape(rate('5/s'), undefined);

function scene() {
  const clock = new FakeClock();
  const handshakes = new HandshakeRate(clock);
  const admitted = (address: string) =>
    Array.from({ length: 20 }, () => handshakes.admit(address, SHAPE)).filter(Boolean).length;
  return { clock, handshakes, admitted };
}

test('an address begins as many handshakes as its rate, and what is refused costs nothing', () => {
  const { clock, admitted } = scene();

  assert.equal(admitted('192.0.2.1'), 5);
  clock.advance(400);
  assert.equal(admitted('192.0.2.1'), 2);
});

test('each address has its own, and a /64 of IPv6 is one', () => {
  const { admitted } = scene();

  assert.equal(admitted('192.0.2.1'), 5);
  assert.equal(admitted('192.0.2.2'), 5);
  assert.equal(admitted('2001:db8::1'), 5);
  assert.equal(admitted('2001:db8::2'), 0);
  assert.equal(admitted('2001:db8:0:1::2'), 5);
  assert.equal(admitted('::ffff:192.0.2.1'), 0);
});

test('without a rate nobody is refused', () => {
  const { handshakes, admitted } = scene();
  admitted('192.0.2.1');

  assert.equal(handshakes.admit('192.0.2.1', undefined), true);
});
