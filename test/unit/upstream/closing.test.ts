import assert from 'node:assert/strict';
import { NO_REPORTS } from '../../../src/upstream/connection-reports.ts';
import { once } from 'node:events';
import { createServer as createHttp2 } from 'node:http2';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import test from 'node:test';
import { pendingTimers, systemClock } from '../../../src/app/system-clock.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { ServicePolicy } from '../../../src/policy/snapshot/snapshot.ts';
import { AutoConnections } from '../../../src/upstream/auto-connections.ts';
import { ServicePools } from '../../../src/upstream/service-pools.ts';
import { Heard } from '../../support/applications/h2-scene.ts';
import { FakeBody } from '../../support/fakes/message.ts';
import { service } from '../../support/policy/policy.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** An application that takes requests and answers none, and the sockets that lead to it. */
async function silentApplication(speaks: 'http1' | 'h2') {
  let requests = 0;
  const server: Server = speaks === 'h2' ? createHttp2() : createServer();
  server.on('stream', (stream: Duplex) => {
    requests += 1;
    stream.on('error', () => {});
  });
  if (speaks === 'http1') {
    server.on('connection', (socket) => socket.on('data', () => (requests += 1)));
  }
  server.on('connection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  return {
    sockets,
    requests: () => requests,
    open: async (): Promise<Duplex> => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      sockets.push(socket);
      // As a TLS socket has it.
      return Object.assign(socket, { alpnProtocol: speaks === 'h2' ? 'h2' : 'http/1.1' });
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

function request(one: ServicePolicy, upgrade?: 'websocket') {
  const headers = ['host', 'app.example'];
  return { service: one, method: 'GET', target: '/', headers, body: new FakeBody(0), upgrade };
}

for (const [protocol, speaks, upgrade] of [
  ['http1', 'http1', undefined],
  ['h2', 'h2', undefined],
  ['auto', 'h2', undefined],
  ['auto', 'http1', undefined],
  ['http1', 'http1', 'websocket'],
] as const) {
  const what = `${upgrade ?? protocol} with ${speaks}`;
  test(`destroy closes what earlier reloads let go, too (${what})`, async () => {
    using application = await silentApplication(speaks);
    const timersBefore = pendingTimers();
    const pools = new ServicePools(application.open, systemClock);
    const heard = [1, 2, 3].map(() => new Heard());
    const send = (one: Heard) => {
      pools.send(request(service({ protocol }), upgrade), one);
      return waitUntil('it is under way', () => application.requests() > heard.indexOf(one));
    };

    await send(heard[0]!);
    pools.renew();
    await send(heard[1]!);
    pools.retain(new Map());
    await send(heard[2]!);
    const inFlight = pools.inFlight().get('web');
    await pools.destroy();
    await waitUntil('all is closed', () => application.sockets.every((it) => it.destroyed));
    await waitUntil('all have failed', () => heard.every(({ error }) => error !== undefined));

    assert.equal(inFlight, 3);
    assert.equal(application.sockets.length, 3);
    assert.equal(pools.inFlight().size, 0);
    assert.equal(pendingTimers(), timersBefore);
  });
}

/** Connections that come when the test says so. */
function heldBack(protocol: 'h2' | 'auto') {
  const openings: PromiseWithResolvers<Duplex>[] = [];
  const open = (): Promise<Duplex> => {
    const opening = Promise.withResolvers<Duplex>();
    openings.push(opening);
    return opening.promise;
  };
  const timeout = { ...service().timeout, connectMs: 60_000 };
  const one = service({ protocol, timeout });
  const pools = new ServicePools(open, systemClock);
  const heard = new Heard();
  const call = pools.send(request(one), heard);
  return { openings, pools, heard, call, one };
}

for (const protocol of ['h2', 'auto'] as const) {
  test(`a connection that comes after destroy is closed at once (${protocol})`, async () => {
    using application = await silentApplication('http1');
    const { openings, pools, heard } = heldBack(protocol);

    await pools.destroy();
    openings[0]!.resolve(await application.open());
    await waitUntil('it is closed', () => application.sockets[0]!.destroyed);

    assert.equal(heard.error?.code, 'draining');
    assert.equal(application.requests(), 0);
  });

  test(`requests that wait for a connection when their pool is let go get it (${protocol})`, async () => {
    using application = await silentApplication('h2');
    const { openings, pools, heard } = heldBack(protocol);

    const connection = await application.open();
    if (protocol === 'h2') openings[0]!.resolve(connection);
    await Promise.resolve();
    pools.renew();
    openings[0]!.resolve(connection);
    await waitUntil('it is under way', () => application.requests() === 1);

    assert.equal(heard.error, undefined);
    await pools.destroy();
  });
}

test('protocol: auto closes the connection that it asked when nobody waits any more', async () => {
  using application = await silentApplication('h2');
  const { openings, pools, call } = heldBack('auto');

  call.abort(new GatewayError('client_gone'));
  openings[0]!.resolve(await application.open());
  await waitUntil('it is closed', () => application.sockets[0]!.destroyed);

  assert.equal(pools.inFlight().get('web'), 0);
});

test('protocol: auto asks anew for a request that is sent while a failure is told', async () => {
  const refusal = new GatewayError('upstream_connect_failed', { retryable: true });
  let asked = 0;
  const one = service({ protocol: 'auto' });
  const connections = new AutoConnections({
    reports: NO_REPORTS,
    service: one,
    clock: systemClock,
    open: () => {
      asked += 1;
      return Promise.reject(refusal);
    },
  });
  const second = new Heard();
  const first = Object.assign(new Heard(), {
    fail: () => void connections.send(request(one), second, () => {}),
  });

  connections.send(request(one), first, () => {});
  await waitUntil('the second is told', () => second.error !== undefined);

  assert.equal(asked, 2);
});
