import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { connectTcpListener } from '../../../src/network/tcp-listener.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { networkCertificates } from '../../support/routers/network-certificates.ts';

test('a tcpListener that never completes its handshake is given up after upstreamConnectMs', async () => {
  const sockets: Socket[] = [];
  const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    accept();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { client } = await networkCertificates();
  const clock = new FakeClock();

  const connecting = connectTcpListener({
    host: '127.0.0.1',
    port,
    tls: { caPem: client.ca, certPem: client.cert, keyPem: undefined, serverName: 'localhost' },
    connectMs: DEADLINES.upstreamConnectMs,
    clock,
  });
  await accepted;
  clock.advance(DEADLINES.upstreamConnectMs);

  await assert.rejects(connecting, (error: unknown) => {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'upstream_connect_timeout');
    assert.equal(error.retryable, true);
    return true;
  });
  assert.equal(clock.pendingCount, 0);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('plain TCP to another machine is tried only where the policy says that it may be insecure', async () => {
  // Of documentation (RFC 5737): nobody is there.
  const target = { host: '192.0.2.1', port: 9, tls: undefined, connectMs: 50 };

  await assert.rejects(connectTcpListener(target), /only loopback may go without TLS/);
  await assert.rejects(connectTcpListener({ ...target, isInsecure: true }), (error: Error) => {
    return !/only loopback/.test(error.message);
  });
});
