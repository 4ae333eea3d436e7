import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AddressList, parseAddressBlock, plainAddress } from '../../../src/core/address-list.ts';

function listOf(...texts: string[]): AddressList {
  return new AddressList(texts.map((text) => parseAddressBlock(text)!));
}

const IN_BLOCK: readonly [block: string, inside: string[], outside: string[]][] = [
  ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0', '::10.0.0.1']],
  ['192.0.2.7', ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
  ['192.0.2.4/31', ['192.0.2.4', '192.0.2.5'], ['192.0.2.6']],
  ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::', '2001:db8::1']],
  ['::/0', ['::', '2001:db8::1', 'fe80::1%eth0'], ['10.0.0.1']],
  ['2001:db8::/33', ['2001:db8:7fff::'], ['2001:db8:8000::']],
  ['::ffff:10.0.0.0/104', ['10.1.2.3'], ['11.0.0.1', '::10.1.2.3']],
  ['::ffff:a00:1', ['10.0.0.1'], ['10.0.0.2']],
  ['::10.0.0.1', ['::10.0.0.1'], ['10.0.0.1']],
];

for (const [block, inside, outside] of IN_BLOCK) {
  test(`${block} holds its addresses and no other`, () => {
    const list = listOf(block);

    assert.deepEqual(
      [...inside, ...outside].filter((address) => list.has(address)),
      inside,
    );
  });
}

test('a text that is no block is refused', () => {
  const wrong = [
    '',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.1/8',
    '2001:db8::1/32',
    '2001:db8::/129',
    '10.0.0',
    '010.0.0.1',
    'localhost',
    '[::1]',
    'fe80::1%eth0',
    // half of it would be IPv4 and half of it not
    '::ffff:0.0.0.0/95',
  ];

  assert.deepEqual(
    wrong.filter((text) => parseAddressBlock(text) !== undefined),
    [],
  );
});

test('a name, an empty text and an address with a port are in no list', () => {
  const everybody = listOf('0.0.0.0/0', '::/0');

  const held = ['', 'localhost', '10.0.0.1:80', '[::1]', 'x'].filter((text) => everybody.has(text));

  assert.deepEqual(held, []);
});

test('an address has one form', () => {
  const forms = [
    '192.0.2.1',
    '::FFFF:192.0.2.1',
    '::ffff:c000:201',
    '2001:DB8:0:0::1',
    '::1.2.3.4',
  ];

  assert.deepEqual(forms.map(plainAddress), [
    '192.0.2.1',
    '192.0.2.1',
    '192.0.2.1',
    '2001:db8::1',
    '::1.2.3.4',
  ]);
});

test('a block holds an address when their first bits are the same', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (one, other, bits) => {
      const first = (numberOf(one) >>> 0) & (bits === 0 ? 0 : -1 << (32 - bits));
      const block = parseAddressBlock(`${textOf(first >>> 0)}/${bits}`)!;
      const isSame = bits === 0 || (numberOf(one) ^ numberOf(other)) >>> (32 - bits) === 0;

      assert.equal(new AddressList([block]).has(other), isSame);
    }),
  );
});

function numberOf(address: string): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}
