import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey } from '../../../src/core/address-key.ts';

test('counts an IPv4 address by itself, mapped or not', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::ffff:c000:201'), '192.0.2.1');
});

test('counts all addresses of an IPv6 /64 as one', () => {
  const one = addressKey('2001:db8:1:2::1');

  assert.equal(addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'), one);
  assert.equal(addressKey('2001:DB8:1:2:0:0:0:9'), one);
  assert.notEqual(addressKey('2001:db8:1:3::1'), one);
});

test('counts an IPv4-compatible address as the IPv6 address that it is', () => {
  assert.equal(addressKey('::192.0.2.1'), '::/64');
  assert.equal(addressKey('::c000:201'), '::/64');
});

test('gives a wider block when asked', () => {
  assert.equal(addressKey('2001:db8:1:2::1', 48), addressKey('2001:db8:1:ffff::1', 48));
  assert.notEqual(addressKey('2001:db8:2::1', 48), addressKey('2001:db8:1::1', 48));
  assert.notEqual(addressKey('2001:db8:1::1', 48), addressKey('2001:db8:1::1'));
});

test('drops the zone id', () => {
  assert.equal(addressKey('fe80::1%eth0'), addressKey('fe80::1'));
});

test('takes a text that is no address as its own key', () => {
  assert.equal(addressKey('somewhere'), 'somewhere');
});
