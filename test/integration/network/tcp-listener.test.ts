import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { connectTcpListener } from '../../../src/network/tcp-listener.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { routerLink } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';

let router: RunningRouter;
let echoes: Backend;

before(async () => {
  echoes = await Backend.start(echo);
  const connectors = { 'echo:1': echoes.address };
  router = await startRouter({ connectors, tcpListeners: ['echo:1'] });
});

after(async () => {
  await router.stop();
  await echoes.stop();
});

function connect() {
  const { tls } = routerLink(router.link);
  const target = { host: '127.0.0.1', port: router.tcpPort('echo:1'), tls, connectMs: 3_000 };
  return connectTcpListener(target);
}

test('carries a stream through a tcpListener with mutual TLS', async () => {
  const stream = await connect();

  stream.end('hello');

  assert.equal((await buffer(stream)).toString(), 'hello');
});

test('carries one connection after the other, since no TLS session is resumed', async () => {
  for (const word of ['one', 'two', 'three']) {
    const stream = await connect();
    stream.end(word);
    assert.equal((await buffer(stream)).toString(), word);
  }

  assert.deepEqual(router.standin?.violations ?? [], []);
});
