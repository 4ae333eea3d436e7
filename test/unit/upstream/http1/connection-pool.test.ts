import assert from 'node:assert/strict';
import { NO_REPORTS } from '../../../../src/upstream/connection-reports.ts';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { createPool } from '../../../../src/upstream/http1/connection-pool.ts';
import { service } from '../../../support/policy/policy.ts';

test('a pooled connection is closed when it was idle for the keep-alive time', async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    socket.on('close', () => close());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pool = createPool({
    service: service(),
    open: () => Promise.resolve(connect(port, '127.0.0.1')),
    reports: NO_REPORTS,
    keepAliveMs: 50,
  });

  const response = await pool.request({ path: '/', method: 'GET' });
  await response.body.dump();
  await closed;

  assert.equal(response.statusCode, 200);
  await pool.destroy();
  await new Promise((resolve) => server.close(resolve));
});
