import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmqpError } from '../../../../../src/network/amqp/codec/amqp-error.ts';
import {
  INCOMING_WINDOW,
  SessionWindow,
} from '../../../../../src/network/amqp/session/session-window.ts';

const OUTGOING = 0x7fff_ffff;

function flow(nextIncomingId: number | undefined, incomingWindow: number) {
  const ids = { nextOutgoingId: 0, outgoingWindow: OUTGOING };
  return { kind: 'flow', nextIncomingId, incomingWindow, ...ids } as const;
}

function begin(nextOutgoingId: number, incomingWindow: number) {
  return { kind: 'begin', nextOutgoingId, incomingWindow, outgoingWindow: OUTGOING } as const;
}

function sendAll(window: SessionWindow): number {
  let count = 0;
  for (; window.canSend; count += 1) window.sent();
  return count;
}

for (const first of [0, 0xffff_fffe, 0x7fff_ffff]) {
  test(`sends as many transfers as the peer allows, ids from ${first}`, () => {
    const window = new SessionWindow(first);
    window.begun(begin(0, 5));

    const atFirst = sendAll(window);
    window.flowed(flow((first + 1) >>> 0, 7));
    const afterFlow = sendAll(window);

    assert.equal(atFirst, 5);
    assert.equal(afterFlow, 3);
    assert.equal(window.announce().nextOutgoingId, (first + 8) >>> 0);
  });
}

test('takes a flow without next-incoming-id for one sent before our begin was seen', () => {
  const window = new SessionWindow(7);
  window.begun(begin(0, 2));
  window.sent();

  window.flowed(flow(undefined, 4));

  assert.equal(sendAll(window), 3);
});

test('understands the largest windows and those that shrank', () => {
  const window = new SessionWindow();
  window.begun(begin(0, 0xffff_ffff));
  window.sent();
  window.sent();

  window.flowed(flow(0, 1));
  assert.equal(window.canSend, false);
  window.flowed(flow(2, 0xffff_ffff));
  assert.equal(window.canSend, true);
});

test('refuses a flow that has seen more than was sent', () => {
  const window = new SessionWindow();

  assert.throws(() => window.flowed(flow(1, 5)), AmqpError);
});

test('wins its window back at half, and only for what was consumed', () => {
  const window = new SessionWindow();
  window.begun(begin(0xffff_fff0, 0));
  for (let i = 0; i < INCOMING_WINDOW; i += 1) window.received();

  const asked = Array.from({ length: 32 }, () => window.consumed());
  const announced = window.announce();

  assert.deepEqual(asked.indexOf(true), 31);
  assert.equal(announced.incomingWindow, 32);
  assert.equal(announced.nextIncomingId, 0x30);
});

test('refuses a transfer beyond the window', () => {
  const window = new SessionWindow();
  for (let i = 0; i < INCOMING_WINDOW; i += 1) window.received();

  assert.throws(() => window.received(), { condition: 'amqp:session:window-violation' });
});
