import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { test } from 'node:test';
import { answerOf } from '../../support/clients/http2-client.ts';
import { RawClient, startListening, until, within } from '../../support/gateway/listening.ts';

const HEAD = 'GET /a HTTP/1.1\r\nHost: a.example\r\n';
const SECURE = 'X-Forwarded-Proto: https\r\n';
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

test('each request has the scheme that is told of it, on one connection', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.plainPort);

  client.write(`${HEAD}${SECURE}\r\n${HEAD}\r\n${HEAD}${SECURE}\r\n`);
  await client.got(/ok[^]+308 [^]+ok$/);

  assert.deepEqual(client.statuses, [200, 308, 200]);
  const connections = gateway.handler.handled.map(({ connection }) => connection);
  assert.deepEqual(
    connections.map(({ scheme, tls }) => [scheme, tls]),
    [
      ['https', undefined],
      ['https', undefined],
    ],
  );
  assert.equal(new Set(connections.map(({ id }) => id)).size, 1);
});

test('a target in absolute form has the scheme that is told', async () => {
  await using gateway = await startListening();
  const statusOf = async (scheme: string, told: string) => {
    using client = RawClient.plain(gateway.plainPort);
    client.write(`GET ${scheme}://a.example/ HTTP/1.1\r\nHost: a.example\r\n${told}\r\n`);
    await client.got(/\r\n\r\n/);
    return client.statuses[0];
  };

  assert.equal(await statusOf('https', SECURE), 200);
  assert.equal(await statusOf('http', SECURE), 421);
  assert.equal(await statusOf('http', ''), 308);
});

for (const scheme of ['http', 'https']) {
  test(`over HTTP/2 the balancer may write ${scheme} as the scheme of its hop`, async () => {
    await using gateway = await startListening();
    const ask = async (told: readonly string[]) => {
      const session = connectHttp2(`http://127.0.0.1:${gateway.plainPort}`);
      session.on('error', () => {});
      const head = [':method', 'GET', ':scheme', scheme, ':authority', 'a.example', ':path', '/'];
      const answer = await within(answerOf(session.request([...head, ...told])), 'an answer');
      session.destroy();
      return answer.status;
    };

    assert.equal(await ask(['x-forwarded-proto', 'https']), 200);
    assert.equal(await ask(['x-forwarded-proto', 'http']), 308);
    assert.equal(gateway.handler.handled[0]!.version, '2');
  });
}

test('the preface of HTTP/2 is known octet by octet', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.plainPort);
  client.socket.setNoDelay(true);

  for (const octet of Buffer.concat([PREFACE, SETTINGS])) {
    client.write(Buffer.of(octet));
    await new Promise((resolve) => setImmediate(resolve));
  }

  // SETTINGS of ours, then the acknowledgement of the client's.
  await until(() => client.received.includes('\0\0\0\u0004\u0001\0\0\0\0'), 'acknowledged');
  assert.deepEqual(gateway.drops, []);
});

test('what only begins like the preface is no HTTP/2', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.plainPort);

  client.write('PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n');
  await client.ended();

  assert.deepEqual(client.statuses, [400]);
});

test('a WebSocket of a client with TLS is handed over, one without is redirected', async () => {
  await using gateway = await startListening();
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
  using insecure = RawClient.plain(gateway.plainPort);
  insecure.write(`${HEAD}${upgrade}`);
  await insecure.got(/308 /);
  using secure = RawClient.plain(gateway.plainPort);
  secure.write(`${HEAD}${SECURE}${upgrade}`);

  await until(() => gateway.handler.handled.length === 1, 'handled');

  assert.equal(gateway.handler.handled[0]!.upgrade, 'websocket');
  assert.equal(gateway.handler.handled[0]!.connection.scheme, 'https');
});

test('a peer that is not listed is closed before it says anything, with its address told', async () => {
  await using gateway = await startListening();
  using client = new RawClient(
    connect({ port: gateway.plainPort, host: '127.0.0.1', localAddress: '127.0.0.77' }),
  );

  await client.ended();

  assert.deepEqual(gateway.drops, [{ reason: 'untrusted_peer', address: '127.0.0.77' }]);
  await until(() => gateway.listener.stats.openConnections === 0, 'not counted any more');
});

test('the port closes with the others, and its connections as theirs', async () => {
  await using gateway = await startListening();
  using idle = RawClient.plain(gateway.plainPort);
  idle.write(`${HEAD}${SECURE}\r\n`);
  await idle.got(/ok$/);

  gateway.listener.stopAccepting();
  gateway.listener.startClosing();
  await idle.ended();
  await within(gateway.listener.closed(), 'all closed');

  using late = RawClient.plain(gateway.plainPort);
  await late.ended();
  assert.equal(late.received, '');
});
