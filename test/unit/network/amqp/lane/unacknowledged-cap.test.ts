import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ACK_THRESHOLD_BYTES,
  OCTET_WINDOW_BYTES,
  ReceivedOctets,
  SentOctets,
} from '../../../../../src/network/amqp/lane/octet-window.ts';
import { UnacknowledgedCap } from '../../../../../src/network/amqp/lane/unacknowledged-cap.ts';

test('the last threshold of idle lanes does not eat the cap', () => {
  const cap = new UnacknowledgedCap(1_000_000);
  for (let i = 0; i < 500; i += 1) cap.update({ excess: 0 }, ACK_THRESHOLD_BYTES);
  const upload = { excess: 0 };

  const admitted = cap.admit(upload, ACK_THRESHOLD_BYTES, 16_000);

  assert.equal(admitted, 16_000);
});

test('lets the sum of the excess grow to the cap, and one lane beyond it', () => {
  const cap = new UnacknowledgedCap(100_000);
  const [first, second, third] = [{ excess: 0 }, { excess: 0 }, { excess: 0 }];
  cap.update(first, ACK_THRESHOLD_BYTES + 90_000);

  const partly = cap.admit(second, ACK_THRESHOLD_BYTES, 16_000);
  cap.update(second, ACK_THRESHOLD_BYTES + partly);
  const beyond = cap.admit(second, ACK_THRESHOLD_BYTES + partly, 16_000);
  const refused = cap.admit(third, ACK_THRESHOLD_BYTES, 16_000);

  assert.equal(partly, 10_000);
  assert.equal(beyond, 16_000);
  assert.equal(refused, 0);
});

test('passes the exemption on when its lane was acknowledged, or is over', () => {
  const cap = new UnacknowledgedCap(0);
  const [first, second, third] = [{ excess: 0 }, { excess: 0 }, { excess: 0 }];
  assert.equal(cap.admit(first, ACK_THRESHOLD_BYTES, 10), 10);
  cap.update(first, ACK_THRESHOLD_BYTES + 10);
  assert.equal(cap.admit(second, ACK_THRESHOLD_BYTES, 10), 0);

  assert.equal(cap.update(first, 0), true);
  assert.equal(cap.admit(second, ACK_THRESHOLD_BYTES, 10), 10);
  assert.equal(cap.release(second), true);

  assert.equal(cap.admit(third, ACK_THRESHOLD_BYTES, 10), 10);
});

test('never sends beyond 1,042,432 octets of the largest acknowledgement', () => {
  const octets = new SentOctets();

  octets.sent(OCTET_WINDOW_BYTES);
  assert.equal(octets.available, 0);
  octets.acknowledge(523_319);
  octets.acknowledge(0);
  octets.acknowledge(100);
  octets.acknowledge(OCTET_WINDOW_BYTES + 1);

  assert.equal(octets.available, 523_319);
});

test('acknowledges at every 521,216 octets consumed', () => {
  const octets = new ReceivedOctets();

  assert.equal(octets.toAcknowledge(521_215), undefined);
  assert.equal(octets.toAcknowledge(521_216), 521_216);
  assert.equal(octets.toAcknowledge(1_042_431), undefined);
  assert.equal(octets.toAcknowledge(1_050_000), 1_050_000);
});
