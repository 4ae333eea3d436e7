import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bareHost,
  isAddress,
  isLocalName,
  isLoopbackAddress,
  isLoopbackHost,
  isPublicAddress,
} from '../../../src/core/network-addresses.ts';

/** host → loopback address, loopback host, local name, public address */
const TABLE: readonly [host: string, ...answers: string[]][] = [
  // this machine
  ['127.0.0.1', 'loopback', 'host', '-', '-'],
  ['127.255.255.254', 'loopback', 'host', '-', '-'],
  ['::1', 'loopback', 'host', '-', '-'],
  ['0:0:0:0:0:0:0:1', 'loopback', 'host', '-', '-'],
  ['::1%lo', 'loopback', 'host', '-', '-'],
  ['::ffff:127.0.0.1', 'loopback', 'host', '-', '-'],
  ['::ffff:7f00:1', 'loopback', 'host', '-', '-'],
  ['[::1]', '-', 'host', '-', '-'],
  ['localhost', '-', 'host', 'local', '-'],
  ['app.localhost', '-', '-', 'local', '-'],
  ['LOCALHOST.', '-', '-', 'local', '-'],
  // names that only look like it
  ['localhost.example.com', '-', '-', '-', '-'],
  ['notlocalhost', '-', '-', '-', '-'],
  ['127.0.0.1.example.com', '-', '-', '-', '-'],
  // other spellings of an IPv4 address are no addresses here: whoever connects resolves and judges them
  ['127.1', '-', '-', '-', '-'],
  ['0x7f.0.0.1', '-', '-', '-', '-'],
  ['0177.0.0.1', '-', '-', '-', '-'],
  ['2130706433', '-', '-', '-', '-'],
  // IPv4-compatible is another address than the IPv4 one in it
  ['::127.0.0.1', '-', '-', '-', '-'],
  ['::7f00:1', '-', '-', '-', '-'],
  ['::8.8.8.8', '-', '-', '-', '-'],
  ['::808:808', '-', '-', '-', '-'],
  // no address, and all of them
  ['0.0.0.0', '-', '-', '-', '-'],
  ['0.1.2.3', '-', '-', '-', '-'],
  ['::', '-', '-', '-', '-'],
  ['::ffff:0.0.0.0', '-', '-', '-', '-'],
  // private, shared, link-local
  ['10.0.0.1', '-', '-', '-', '-'],
  ['172.16.0.1', '-', '-', '-', '-'],
  ['172.31.255.255', '-', '-', '-', '-'],
  ['192.168.1.1', '-', '-', '-', '-'],
  ['::ffff:10.0.0.1', '-', '-', '-', '-'],
  ['100.64.0.1', '-', '-', '-', '-'],
  ['169.254.169.254', '-', '-', '-', '-'],
  ['fe80::1', '-', '-', '-', '-'],
  ['fe80::1%eth0', '-', '-', '-', '-'],
  ['fec0::1', '-', '-', '-', '-'],
  ['fc00::1', '-', '-', '-', '-'],
  ['fd12:3456::1', '-', '-', '-', '-'],
  // special purpose
  ['192.0.0.8', '-', '-', '-', '-'],
  ['192.0.2.1', '-', '-', '-', '-'],
  ['198.18.0.1', '-', '-', '-', '-'],
  ['203.0.113.9', '-', '-', '-', '-'],
  ['224.0.0.1', '-', '-', '-', '-'],
  ['240.0.0.1', '-', '-', '-', '-'],
  ['255.255.255.255', '-', '-', '-', '-'],
  ['ff02::1', '-', '-', '-', '-'],
  ['100::1', '-', '-', '-', '-'],
  ['2001:db8::1', '-', '-', '-', '-'],
  ['4000::1', '-', '-', '-', '-'],
  // ways to IPv4: NAT64, 6to4, Teredo, SIIT
  ['64:ff9b::7f00:1', '-', '-', '-', '-'],
  ['64:ff9b::8.8.8.8', '-', '-', '-', '-'],
  ['64:ff9b:1::1', '-', '-', '-', '-'],
  ['2002:7f00:1::', '-', '-', '-', '-'],
  ['2001::1', '-', '-', '-', '-'],
  ['::ffff:0:127.0.0.1', '-', '-', '-', '-'],
  // the internet
  ['8.8.8.8', '-', '-', '-', 'public'],
  ['172.32.0.1', '-', '-', '-', 'public'],
  ['100.128.0.1', '-', '-', '-', 'public'],
  ['::ffff:8.8.8.8', '-', '-', '-', 'public'],
  ['2606:4700:4700::1111', '-', '-', '-', 'public'],
  ['[2606:4700:4700::1111]', '-', '-', '-', '-'],
  ['example.com', '-', '-', '-', '-'],
  ['', '-', '-', '-', '-'],
];

for (const [host, ...expected] of TABLE) {
  test(`"${host}" is ${expected.filter((each) => each !== '-').join(', ') || 'none of these'}`, () => {
    const answers = [
      isLoopbackAddress(host) ? 'loopback' : '-',
      isLoopbackHost(host) ? 'host' : '-',
      isLocalName(host) ? 'local' : '-',
      isPublicAddress(host) ? 'public' : '-',
    ];

    assert.deepEqual(answers, expected);
  });
}

test('an address is one with and without brackets, and a name never', () => {
  assert.equal(isAddress('[::1]'), true);
  assert.equal(isAddress('192.0.2.1'), true);
  assert.equal(isAddress('localhost'), false);
  assert.equal(bareHost('[::1]'), '::1');
  assert.equal(bareHost('a.example'), 'a.example');
});
