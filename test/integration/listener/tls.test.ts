import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import {
  certificateFor,
  RawClient,
  secureSocket,
  startListening,
  until,
  within,
  type Listening,
} from '../../support/gateway/listening.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
const TWO_NAMES = { names: [['a.example', '*.wild.example'], ['b.example']] };

async function handshakeError(to: Listening, options: ConnectionOptions): Promise<string> {
  return within(secureSocket(to, options), 'handshake').then(
    (socket) => {
      socket.destroy();
      return 'no error';
    },
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

async function certificateNames(to: Listening, servername: string): Promise<string | undefined> {
  const socket = await within(secureSocket(to, { servername }), 'handshake');
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return names;
}

test('chooses the certificate by exact name, then by a wildcard of one label', async () => {
  await using gateway = await startListening(TWO_NAMES);

  assert.match((await certificateNames(gateway, 'b.example'))!, /b\.example/);
  assert.match((await certificateNames(gateway, 'x.wild.example'))!, /wild/);
});

test('takes a server name in capitals for the same name (RFC 6066 3)', async () => {
  await using gateway = await startListening(TWO_NAMES);
  using client = await RawClient.secure(gateway, { servername: 'A.Example' });

  client.write(GET);
  await client.got(/ok$/);

  assert.deepEqual(client.statuses, [200]);
});

test('refuses a name without a certificate, and no name, with unrecognized_name', async () => {
  await using gateway = await startListening(TWO_NAMES);
  const unknown = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';

  assert.equal(await handshakeError(gateway, { servername: 'c.example' }), unknown);
  assert.equal(await handshakeError(gateway, { servername: 'y.x.wild.example' }), unknown);
  assert.equal(await handshakeError(gateway, { servername: '' }), unknown);
  assert.equal(gateway.listener.stats.drops.unknown_server_name, 3);
});

test('refuses unknown application protocols (H6)', async () => {
  await using gateway = await startListening();

  const error = await handshakeError(gateway, { ALPNProtocols: ['h3'] });

  assert.equal(error, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  assert.equal(gateway.listener.stats.drops.no_application_protocol, 1);
});

test('refuses TLS 1.1 and key exchange without forward secrecy (R-15)', async () => {
  await using gateway = await startListening();
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const cbc = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' } as const;

  assert.notEqual(await handshakeError(gateway, old), 'no error');
  assert.notEqual(await handshakeError(gateway, cbc), 'no error');
  assert.equal(await handshakeError(gateway, { maxVersion: 'TLSv1.2' }), 'no error');
});

test('does not renegotiate (H3)', async () => {
  await using gateway = await startListening();
  const socket = await within(
    secureSocket(gateway, {
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
    }),
    'handshake',
  );
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('error', () => resolve('refused'));
  socket.on('close', () => resolve('refused'));

  socket.renegotiate({}, (error) => resolve(error ? 'refused' : 'renegotiated'));

  assert.equal(await within(promise, 'renegotiation'), 'refused');
  socket.destroy();
});

test('serves a hello that comes one octet at a time', async () => {
  await using gateway = await startListening();
  const front = connectTcp({ port: gateway.port, host: '127.0.0.1', noDelay: true });
  const { Duplex } = await import('node:stream');
  const dribble = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (const octet of chunk) front.write(Buffer.from([octet]));
      done();
    },
  });
  front.on('data', (chunk) => dribble.push(chunk));
  front.on('error', () => {});

  const socket = await within(secureSocket(gateway, { socket: dribble }), 'handshake');
  using client = new RawClient(socket);
  client.write(GET);
  await client.got(/ok$/);

  front.destroy();
});

test('plain text on the https port is closed and counted', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.port);

  client.write(GET);
  await client.ended();

  assert.equal(client.received, '');
  assert.equal(gateway.listener.stats.drops.not_tls, 1);
});

test('a broken record after the handshake ends the connection and nothing else', async () => {
  await using gateway = await startListening();
  const front = connectTcp({ port: gateway.port, host: '127.0.0.1' });
  const socket = await within(secureSocket(gateway, { socket: front }), 'handshake');
  socket.on('error', () => {});
  front.on('error', () => {});
  const closed = new Promise((resolve) => front.once('close', resolve));

  front.write(Buffer.concat([Buffer.from([23, 3, 3, 0, 32]), Buffer.alloc(32, 7)]));
  await within(closed, 'the connection ends');
  using client = await RawClient.secure(gateway);
  client.write(GET);

  await client.got(/ok$/);
});

test('new certificates serve new handshakes while open connections go on (H8)', async () => {
  await using gateway = await startListening();
  using client = await RawClient.secure(gateway);
  const certificates = [await certificateFor(gateway.ca, ['a.example', 'new.example'])];

  gateway.listener.update({ ...gateway.config, certificates });
  client.write(GET);
  await client.got(/ok$/);

  assert.match((await certificateNames(gateway, 'new.example'))!, /new\.example/);
});

test('closes connections over the ceiling of one address at once (R-43)', async () => {
  const limits = {
    connections: 100,
    perClientAddress: { connections: 2, rate: undefined, handshakes: undefined },
    headerBytes: 32_768,
    headerCount: 128,
  };
  await using gateway = await startListening({ config: { limits } });
  using first = await RawClient.secure(gateway);
  using _second = await RawClient.secure(gateway);

  using third = RawClient.plain(gateway.port);
  await third.ended();
  first.socket.destroy();
  await until(() => gateway.listener.stats.openConnections === 1, 'the first is counted out');
  using fourth = await RawClient.secure(gateway);
  fourth.write(GET);
  await fourth.got(/ok$/);

  assert.equal(gateway.listener.stats.drops.address_ceiling, 1);
});

test('a taken port is an error that names it and what to change', async () => {
  await using gateway = await startListening();
  const { Listener } = await import('../../../src/listener/listener.ts');
  const { systemClock } = await import('../../../src/app/system-clock.ts');
  const second = new Listener({
    https: { address: '127.0.0.1', port: gateway.port },
    http: undefined,
    plain: undefined,
    config: gateway.config,
    handler: gateway.handler,
    passthrough: gateway.handler,
    clock: systemClock,
    onDrop: () => {},
  });

  await assert.rejects(second.listen(), new RegExp(`port ${gateway.port}.*gateway.listen.https`));
});
