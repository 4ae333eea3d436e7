import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  MAX_PROXY_HEADER_BYTES,
  parseProxyHeader,
} from '../../../src/listener/proxy-protocol/proxy-header.ts';
import { version1, version2 } from '../../support/balancers/proxy-header.ts';

function read(octets: Buffer | string) {
  return parseProxyHeader(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
}

const GOOD: readonly [what: string, header: Buffer, client: object | undefined][] = [
  ['TCP4', version1('192.0.2.1', 4711), { address: '192.0.2.1', port: 4711 }],
  ['TCP6', version1('2001:DB8::1', 0), { address: '2001:db8::1', port: 0 }],
  [
    'a mapped address',
    version1('::ffff:192.0.2.1', 65_535),
    { address: '192.0.2.1', port: 65_535 },
  ],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['UNKNOWN and more', Buffer.from('PROXY UNKNOWN ffff:: ffff:: 1 2 and more\r\n'), undefined],
  ['version 2, IPv4', version2('192.0.2.1', 4711), { address: '192.0.2.1', port: 4711 }],
  ['version 2, IPv6', version2('2001:db8::1', 443), { address: '2001:db8::1', port: 443 }],
  ['version 2, mapped', version2('::ffff:192.0.2.1', 1), { address: '192.0.2.1', port: 1 }],
  ['LOCAL', version2('192.0.2.1', 1, { command: 0x20 }), undefined],
  ['LOCAL of any family', version2('192.0.2.1', 1, { command: 0x20, family: 0x99 }), undefined],
  ['no family', version2('192.0.2.1', 1, { family: 0 }), undefined],
  [
    'extensions up to 536 octets',
    version2('192.0.2.1', 1, { more: Buffer.alloc(536 - 28, 1) }),
    { address: '192.0.2.1', port: 1 },
  ],
];

for (const [what, header, client] of GOOD) {
  test(`reads ${what}, cut anywhere, and leaves what follows`, () => {
    const whole = { kind: 'header', bytes: header.length, client };

    for (let length = 0; length < header.length; length += 1) {
      assert.equal(read(header.subarray(0, length)).kind, 'incomplete');
    }
    assert.deepEqual(read(header), whole);
    assert.deepEqual(read(Buffer.concat([header, Buffer.alloc(2_000, 'P')])), whole);
  });
}

const WRONG: readonly [what: string, octets: Buffer | string, kind: string][] = [
  ['a ClientHello', Buffer.from([22, 3, 1, 0, 100]), 'missing'],
  ['a request', 'POST / HTTP/1.1\r\n', 'missing'],
  ['lower case', 'proxy TCP4', 'missing'],
  ['a signature that is nearly one', '\r\n\r\n\0\r\nQUIT\r', 'missing'],
  ['another family', 'PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n', 'malformed'],
  ['IPv6 as TCP4', 'PROXY TCP4 ::1 ::1 1 2\r\n', 'malformed'],
  ['IPv4 as TCP6', 'PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n', 'malformed'],
  ['a name', 'PROXY TCP4 localhost 192.0.2.2 1 2\r\n', 'malformed'],
  ['a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n', 'malformed'],
  ['a port beyond', 'PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n', 'malformed'],
  ['a port with zeros', 'PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n', 'malformed'],
  ['two spaces', 'PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n', 'malformed'],
  ['more behind', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n', 'malformed'],
  ['no end in 107 octets', `PROXY UNKNOWN ${'x'.repeat(93)}`, 'malformed'],
  [
    'version 1 in the octets of version 2',
    version2('192.0.2.1', 1, { command: 0x11 }),
    'malformed',
  ],
  ['another command', version2('192.0.2.1', 1, { command: 0x22 }), 'malformed'],
  ['UDP', version2('192.0.2.1', 1, { family: 0x12 }), 'malformed'],
  [
    'a unix socket',
    version2('192.0.2.1', 1, { family: 0x31, more: Buffer.alloc(216) }),
    'malformed',
  ],
  ['too short for its family', version2('192.0.2.1', 1, { family: 0x21 }), 'malformed'],
  ['one octet more than 536', version2('192.0.2.1', 1, { more: Buffer.alloc(509) }), 'malformed'],
];

for (const [what, octets, kind] of WRONG) {
  test(`${what} is ${kind}`, () => assert.equal(read(octets).kind, kind));
}

/** Octets that begin like a header, and any others. */
const hostile = fc
  .tuple(
    fc.constantFrom(
      '',
      'PROXY ',
      'PROXY TCP4 ',
      '\r\n\r\n\0\r\nQUIT\n',
      '\r\n\r\n\0\r\nQUIT\n\x21\x11',
    ),
    fc.uint8Array({ maxLength: 700 }),
  )
  .map(([front, rest]) => Buffer.concat([Buffer.from(front, 'latin1'), rest]));

test('answers any octets, within its bound', () => {
  fc.assert(
    fc.property(hostile, (octets) => {
      const result = read(octets);

      if (octets.length >= MAX_PROXY_HEADER_BYTES) assert.notEqual(result.kind, 'incomplete');
      if (result.kind !== 'header') return;
      assert.ok(result.bytes <= MAX_PROXY_HEADER_BYTES && result.bytes <= octets.length);
    }),
    { numRuns: 2_000 },
  );
});

test('reads back every address and port', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());

  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 65_535 }), (from, port) => {
      const [one, two] = [read(version1(from, port)), read(version2(from, port))];

      assert.equal(one.kind, 'header');
      assert.deepEqual({ ...two, bytes: 0 }, { ...one, bytes: 0 });
      assert.equal(one.client?.port, port);
    }),
  );
});
