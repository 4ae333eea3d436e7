import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import type { AdminSources, Readiness } from '../../../src/admin/admin-sources.ts';
import { adminPolicy, adminSources } from '../../support/gateway/admin.ts';

test('is alive while it runs, ready or not', async () => {
  await using admin = await started({ readiness: () => notReady });

  const response = await get(admin, '/healthz');

  assert.equal(response.status, 200);
});

test('says whether it is ready and why not', async () => {
  let state: Readiness = notReady;
  await using admin = await started({ readiness: () => state });

  const before = await get(admin, '/readyz');
  state = { isReady: true, reasons: [] };
  const after = await get(admin, '/readyz');

  assert.equal(before.status, 503);
  assert.deepEqual(await before.json(), { ready: false, reasons: ['draining'] });
  assert.equal(after.status, 200);
  assert.deepEqual(await after.json(), { ready: true, reasons: [] });
});

test('gives metrics with their content type', async () => {
  await using admin = await started({});

  const response = await get(admin, '/metrics?x=1');

  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
  assert.equal(await response.text(), 'a 1\n');
});

test('shows running and refused configuration', async () => {
  const config = {
    running: { generation: 3, hash: 'aa', since: 'then', files: ['web.yaml'] },
    generations: [],
    changes: ['opens a.example.com/: is new (web.yaml:1:1)'],
    refused: { hash: 'bb', at: 'now', errors: 'web.yaml:1:1: error E101' },
    notReplaced: [],
    certificates: [],
  };
  await using admin = await started({ config: () => config });

  assert.deepEqual(await (await get(admin, '/-/config')).json(), config);
});

test('shows the router connections', async () => {
  const network = { isReady: true, connections: [{ router: { id: 'A', version: '3.5.1' } }] };
  await using admin = await started({ network: () => network });

  assert.deepEqual(await (await get(admin, '/-/network')).json(), network);
});

test('answers GET, HEAD and POST only, and nothing else than it knows', async () => {
  await using admin = await started({});

  const put = await get(admin, '/healthz', { method: 'PUT', body: 'x' });
  const head = await get(admin, '/metrics', { method: 'HEAD' });

  assert.equal(put.status, 405);
  assert.equal(put.headers.get('allow'), 'GET, HEAD, POST');
  assert.equal(head.headers.get('content-length'), '4');
  assert.equal((await get(admin, '/')).status, 404);
  assert.equal((await get(admin, '/constructor')).status, 404);
});

test('a source that fails is a 500, not the end', async () => {
  const fail = () => {
    throw new Error('broken');
  };
  await using admin = await started({ readiness: fail });

  assert.equal((await get(admin, '/readyz')).status, 500);
  assert.equal((await get(admin, '/healthz')).status, 200);
});

test('closes although a request is half sent', async () => {
  const admin = await started({});
  const socket = connect(admin.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  // The answer to the first request tells that the head of the second has been read up to its half.
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n');
  await new Promise((resolve) => socket.once('data', resolve));

  // Well below the five seconds after which the listener gives half a request up by itself.
  const tooLate = AbortSignal.timeout(3000);
  const late = new Promise((_, reject) => tooLate.addEventListener('abort', reject));
  await Promise.race([Promise.all([admin.close(), ended]), late]);
});

test('a taken port is told with the address and the key to change', async () => {
  await using admin = await started({});

  await assert.rejects(
    AdminServer.start(
      adminPolicy({ listen: { address: undefined, port: admin.port } }),
      adminSources(),
    ),
    {
      message: new RegExp(
        `cannot listen on 127\\.0\\.0\\.1, port ${admin.port}: .* change gateway\\.admin\\.listen`,
      ),
    },
  );
});

const notReady: Readiness = { isReady: false, reasons: ['draining'] };

function started(overrides: Partial<AdminSources>): Promise<AdminServer> {
  return AdminServer.start(adminPolicy(), adminSources(overrides));
}

function get(admin: AdminServer, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${admin.port}${path}`, {
    ...init,
    signal: AbortSignal.timeout(5000),
  });
}
