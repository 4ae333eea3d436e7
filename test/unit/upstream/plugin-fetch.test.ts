import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createPluginFetch } from '../../../src/upstream/plugin-fetch.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const server = createServer((request, response) => {
  if (request.url === '/moved') response.writeHead(302, { location: '/' });
  response.end('keys');
});
const plugins = createPluginFetch();
const { fetch } = plugins;
let port = 0;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

after(async () => {
  await plugins.close();
  server.closeAllConnections();
  server.close();
});

for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '10.0.0.1', '0.0.0.0']) {
  test(`R-29: refuses ${host} unless private addresses are allowed`, async () => {
    await assert.rejects(fetch(`http://${host}:${port}/`), (error: Error) => {
      const text = `${error.message} ${String((error.cause as Error | undefined)?.message)}`;
      return text.includes('not a public address');
    });
  });
}

test('reaches a private address where the policy allows it', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/`, { allowPrivate: true });

  assert.equal(await response.text(), 'keys');
});

test('follows no redirect', async () => {
  await assert.rejects(fetch(`http://127.0.0.1:${port}/moved`, { allowPrivate: true }));
});

test('a place that stays silent is given up', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port: silentPort } = silent.address() as AddressInfo;
  const quick = createPluginFetch(50);

  const asked = quick.fetch(`http://127.0.0.1:${silentPort}/`, { allowPrivate: true });

  await assert.rejects(asked, (error: Error) => {
    return (error.cause as { code?: string } | undefined)?.code === 'UND_ERR_HEADERS_TIMEOUT';
  });
  await quick.close();
  silent.closeAllConnections();
  silent.close();
});

test('settings that are replaced again and again leave no connection of the earliest open', async () => {
  const sockets = new Set<Socket>();
  const counted = createServer((_request, response) => response.end('ok'));
  counted.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => counted.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(counted.address() as AddressInfo).port}/`;
  const rotated = createPluginFetch();

  const texts = new Set<string>();
  for (let version = 0; version < 100; version += 1) {
    const response = await rotated.fetch(url, { allowPrivate: true, ca: `authority ${version}` });
    texts.add(await response.text());
  }
  await waitUntil('the earliest are closed', () => sockets.size <= 64);
  await rotated.close();
  await waitUntil('all are closed', () => sockets.size === 0);

  assert.deepEqual([...texts], ['ok']);
  counted.close();
});
