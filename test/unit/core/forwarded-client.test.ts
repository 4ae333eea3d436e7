import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AddressList, parseAddressBlock } from '../../../src/core/address-list.ts';
import { forwardedClient } from '../../../src/core/forwarded-client.ts';
import type { TrustedProxies } from '../../../src/core/forwarded-client.ts';

const PEER = '10.0.0.1';

function trusting(field: TrustedProxies['field'], ...blocks: string[]): TrustedProxies {
  return { field, from: new AddressList(blocks.map((text) => parseAddressBlock(text)!)) };
}

const LISTED = trusting('x-forwarded-for', '10.0.0.0/8', '2001:db8:1::/48');
const FORWARDED = trusting('forwarded', '10.0.0.0/8', '2001:db8:1::/48');

/** Lines of the field → the client. */
const LISTS: readonly [what: string, lines: string[], client: string][] = [
  ['nothing is said', [], PEER],
  ['one hop', ['192.0.2.1'], '192.0.2.1'],
  ['what an untrusted hop claims is not read', ['192.0.2.9, 192.0.2.1'], '192.0.2.1'],
  ['trusted hops are passed', ['192.0.2.1, 10.0.0.3 ,10.0.0.2'], '192.0.2.1'],
  ['lines are one list', ['192.0.2.9', '192.0.2.1', '10.0.0.2'], '192.0.2.1'],
  ['all of them are trusted', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
  ['a port', ['192.0.2.1:4711'], '192.0.2.1'],
  ['IPv6', ['2001:DB8::0:1'], '2001:db8::1'],
  ['IPv6 in brackets', ['[2001:db8::1]'], '2001:db8::1'],
  ['IPv6 in brackets with a port', ['[2001:db8::1]:443'], '2001:db8::1'],
  ['a trusted IPv6 hop', ['192.0.2.1, [2001:db8:1::7]:443'], '192.0.2.1'],
  ['a mapped address is IPv4', ['192.0.2.1, ::ffff:10.0.0.2'], '192.0.2.1'],
  ['a malformed hop ends the walk', ['192.0.2.1, unknown, 10.0.0.2'], '10.0.0.2'],
  ['a malformed hop beside us', ['192.0.2.1, somewhere'], PEER],
  ['an empty hop ends the walk', ['192.0.2.1,,10.0.0.2'], '10.0.0.2'],
  ['an empty line', ['192.0.2.1', ''], PEER],
  ['a zone is no address', ['fe80::1%eth0'], PEER],
  ['IPv4 in brackets is no address', ['[192.0.2.1]'], PEER],
  ['a port alone', [':80'], PEER],
  ['another base', ['0300.0.2.1'], PEER],
];

for (const [what, lines, client] of LISTS) {
  test(`X-Forwarded-For: ${what}`, () => {
    const headers = lines.flatMap((line) => ['X-Forwarded-For', line]);

    assert.equal(forwardedClient(PEER, headers, LISTED), client);
  });
}

const ELEMENTS: readonly [what: string, lines: string[], client: string][] = [
  ['one element', ['for=192.0.2.1'], '192.0.2.1'],
  ['any case and other pairs', ['proto=https;For=192.0.2.1;by=10.0.0.2'], '192.0.2.1'],
  ['quoted, with a port', ['for="192.0.2.1:47011"'], '192.0.2.1'],
  ['IPv6', ['for="[2001:db8::1]:4711"'], '2001:db8::1'],
  ['two elements', ['for=192.0.2.9, for=192.0.2.1;proto=http, for=10.0.0.2'], '192.0.2.1'],
  ['a comma and a semicolon in quotes', ['for=192.0.2.1;host="a,b;c\\"d"'], '192.0.2.1'],
  ['an open quote of the client', ['for="192.0.2.9, for=192.0.2.1'], '192.0.2.1'],
  ['an obfuscated node ends the walk', ['for=192.0.2.1, for=_hidden, for=10.0.0.2'], '10.0.0.2'],
  ['unknown', ['for=192.0.2.1, for=unknown'], PEER],
  ['no for', ['for=192.0.2.1, proto=https'], PEER],
  ['for twice', ['for=192.0.2.1;for=192.0.2.2'], PEER],
  ['nothing well-formed', ['for=192.0.2.1;;'], PEER],
  ['X-Forwarded-For in it', ['192.0.2.1'], PEER],
];

for (const [what, lines, client] of ELEMENTS) {
  test(`Forwarded: ${what}`, () => {
    const headers = lines.flatMap((line) => ['forwarded', line]);

    assert.equal(forwardedClient(PEER, headers, FORWARDED), client);
  });
}

test('without trusted proxies, and from another address, no field is read', () => {
  const headers = ['x-forwarded-for', '192.0.2.1', 'forwarded', 'for=192.0.2.1'];

  assert.equal(forwardedClient(PEER, headers, undefined), PEER);
  assert.equal(forwardedClient('192.0.2.66', headers, LISTED), '192.0.2.66');
  assert.equal(forwardedClient('192.0.2.66', headers, FORWARDED), '192.0.2.66');
});

test('only the field that the policy names is read', () => {
  const headers = ['x-forwarded-for', '192.0.2.1', 'forwarded', 'for=192.0.2.2'];

  assert.equal(forwardedClient(PEER, headers, LISTED), '192.0.2.1');
  assert.equal(forwardedClient(PEER, headers, FORWARDED), '192.0.2.2');
});

test('walks 50 hops and not one more', () => {
  const hops = Array.from({ length: 60 }, (_, index) => `10.0.1.${60 - index}`);

  assert.equal(forwardedClient(PEER, ['x-forwarded-for', hops.join(', ')], LISTED), '10.0.1.50');
});

/** What a client can write in a field: no control octets but the tab (RFC 9110 5.5). */
const claim = fc.oneof(
  fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]*$/),
  fc
    .array(fc.constantFrom('"', '\\', ',', ';', 'for=', '10.0.0.5', '192.0.2.9', ' ', '[', ']'))
    .map((parts) => parts.join('')),
);

test('whatever a client writes, the hop that a trusted proxy appends decides', () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 3 }), claim, (lines, own) => {
      for (const [trusted, hop] of [
        [LISTED, '192.0.2.1'],
        [FORWARDED, 'for=192.0.2.1;host="a,\\"b"'],
      ] as const) {
        const appended = [...lines, `${own}, ${hop}`];
        const headers = appended.flatMap((line) => [trusted.field, line]);

        assert.equal(forwardedClient(PEER, headers, trusted), '192.0.2.1');
        assert.equal(forwardedClient('192.0.2.66', headers, trusted), '192.0.2.66');
      }
    }),
  );
});

test('a field of 64 KiB without an end costs little', () => {
  for (const part of ['"', '\\"', '\\', ',', '10.0.0.1,', ';', 'for="']) {
    const line = part.repeat(65_536 / part.length);
    const began = performance.now();

    forwardedClient(PEER, ['forwarded', line, 'x-forwarded-for', line], FORWARDED);
    forwardedClient(PEER, ['forwarded', line, 'x-forwarded-for', line], LISTED);

    assert.ok(performance.now() - began < 100, part);
  }
});
