import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { APPLICATION_PROTOCOLS, CIPHER_SUITES } from '../../../src/core/tls-policy.ts';
import type { TlsPolicy } from '../../../src/core/tls-policy.ts';
import { secureSocket, startListening } from '../../support/gateway/listening.ts';
import type { Listening } from '../../support/gateway/listening.ts';

const DEFAULT: TlsPolicy = {
  min: 'TLSv1.2',
  max: 'TLSv1.3',
  ciphers: CIPHER_SUITES,
  groups: undefined,
  alpn: APPLICATION_PROTOCOLS,
};
/** IANA, TLS Supported Groups. */
const X25519MLKEM768 = 0x11ec;
const X25519 = 0x001d;
const P256 = 0x0017;

/** The group in `key_share` of the ServerHello (RFC 8446 4.2.8), read off the wire. */
function groupOf(octets: Buffer): number {
  // record head 5, handshake head 4, version 2, random 32, session id, suite 2, compression 1, length 2
  let at = 5 + 4 + 2 + 32;
  at += 1 + octets[at]! + 2 + 1 + 2;
  while (octets.readUInt16BE(at) !== 51) at += 4 + octets.readUInt16BE(at + 2);
  return octets.readUInt16BE(at + 4);
}

async function negotiatedGroup(to: Listening, options: ConnectionOptions = {}): Promise<number> {
  let received = Buffer.alloc(0);
  const relay = createServer((client) => {
    const gateway = connect(to.port, '127.0.0.1');
    gateway.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
    gateway.pipe(client).pipe(gateway);
    for (const socket of [client, gateway]) socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  const socket = await secureSocket({ ...to, port }, options);
  socket.destroy();
  relay.close();
  return groupOf(received);
}

test('a client of Node 26 and the gateway agree on X25519MLKEM768, with nothing configured', async () => {
  await using to = await startListening();

  assert.equal(await negotiatedGroup(to), X25519MLKEM768);
  assert.equal(await negotiatedGroup(to, { ecdhCurve: 'X25519' }), X25519);
});

test('groups are those of the policy, from the next handshake after a reload', async () => {
  await using to = await startListening();

  to.listener.update({ ...to.config, tls: { ...DEFAULT, groups: ['P-256'] } });

  assert.equal(await negotiatedGroup(to), P256);
  await assert.rejects(secureSocket(to, { ecdhCurve: 'X25519MLKEM768:X25519' }));
});

test('versions are those of the policy', async () => {
  await using newest = await startListening({ config: { tls: { ...DEFAULT, min: 'TLSv1.3' } } });
  await using older = await startListening({ config: { tls: { ...DEFAULT, max: 'TLSv1.2' } } });

  await assert.rejects(secureSocket(newest, { maxVersion: 'TLSv1.2' }));
  await assert.rejects(secureSocket(older, { minVersion: 'TLSv1.3' }));
  const socket = await secureSocket(older);
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  socket.destroy();
});

test('cipher suites are those of the policy, in its order', async () => {
  const ciphers = ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];
  await using to = await startListening({ config: { tls: { ...DEFAULT, ciphers } } });

  const socket = await secureSocket(to);

  assert.equal(socket.getCipher().standardName, 'TLS_CHACHA20_POLY1305_SHA256');
  socket.destroy();
  await assert.rejects(secureSocket(to, { maxVersion: 'TLSv1.2' }));
});

test('versions of HTTP are those of the policy, in its order', async () => {
  await using one = await startListening({ config: { tls: { ...DEFAULT, alpn: ['http/1.1'] } } });
  const both = { ALPNProtocols: ['h2', 'http/1.1'] };

  const socket = await secureSocket(one, both);

  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
  await assert.rejects(secureSocket(one, { ALPNProtocols: ['h2'] }));
  one.listener.update({ ...one.config, tls: { ...DEFAULT, alpn: ['h2', 'http/1.1'] } });
  const next = await secureSocket(one, both);
  assert.equal(next.alpnProtocol, 'h2');
  next.destroy();
});
