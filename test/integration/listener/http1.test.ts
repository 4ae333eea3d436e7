import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  RawClient,
  respondEcho,
  respondWith,
  startListening,
  until,
} from '../../support/gateway/listening.ts';

const GET = 'GET /x?y=1 HTTP/1.1\r\nHost: A.example:443\r\n\r\n';

test('hands over a checked request and frames the answer', async () => {
  await using gateway = await startListening();
  using client = await RawClient.secure(gateway);

  client.write(GET);
  const answer = await client.got(/\r\n\r\nok$/);

  const [request] = gateway.handler.handled;
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /content-length: 2\r\n/);
  assert.match(answer, /date: /i);
  assert.equal(request?.host, 'a.example');
  assert.equal(request?.authority, 'A.example:443');
  assert.equal(request?.target, '/x?y=1');
  assert.equal(request?.connection.tls?.serverName, 'a.example');
  assert.equal(request?.connection.tls?.protocol, 'TLSv1.3');
  assert.equal(request?.connection.remoteAddress, '127.0.0.1');
});

test('keeps the connection for the next request', async () => {
  await using gateway = await startListening();
  using client = await RawClient.secure(gateway);

  client.write(GET);
  await client.got(/ok$/);
  client.write(GET);
  await client.got(/ok[^]*ok$/);

  assert.equal(gateway.handler.handled.length, 2);
});

test('answers pipelined requests one after another in order', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (request, sink) => {
    setImmediate(() => respondWith(sink, Buffer.from(request.target)));
  };
  using client = await RawClient.secure(gateway);

  client.write(['/1', '/2', '/3'].map((path) => GET.replace('/x?y=1', path)).join(''));
  const answer = await client.got(/\/3$/);

  assert.deepEqual(client.statuses, [200, 200, 200]);
  assert.deepEqual(
    [...answer.matchAll(/\r\n\r\n(\/\d)/g)].map((match) => match[1]),
    ['/1', '/2', '/3'],
  );
});

test('reads a bounded number of pipelined requests ahead and then closes (R-25)', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (_request, sink) => {
    setImmediate(() => respondWith(sink, Buffer.from('ok')));
  };
  using client = await RawClient.secure(gateway);

  client.write(GET.repeat(200));
  await client.ended();

  assert.equal(gateway.handler.handled.length, 17);
  assert.equal(client.statuses.length, 17);
  assert.equal(client.received.match(/connection: close/gi)?.length, 1);
});

test('answers what was read before a malformed request, then that, then closes', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (_request, sink) => {
    setImmediate(() => respondWith(sink, Buffer.from('ok')));
  };
  using client = await RawClient.secure(gateway);

  client.write(`${GET.repeat(3)}\0\0\r\n\r\n`);
  await client.ended();

  assert.deepEqual(client.statuses, [200, 200, 200, 400]);
  assert.equal(gateway.handler.refusals.length, 1);
});

test('pushes a chunked body and its end', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = respondEcho;
  using client = await RawClient.secure(gateway);

  client.write('POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n');
  client.write('3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n');
  await client.got(/\r\n\r\nabcde$/);

  assert.equal(gateway.handler.handled[0]?.body.length, undefined);
});

test('sends 100 Continue only when the body is wanted', async () => {
  await using gateway = await startListening();
  let wanted = (): void => assert.fail('not handled');
  gateway.handler.respond = (request, sink) => {
    wanted = () => respondEcho(request, sink);
  };
  using client = await RawClient.secure(gateway);

  client.write(
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
  );
  await until(() => gateway.handler.handled.length === 1, 'the request is handled');
  const before = client.received;
  wanted();
  await client.got(/^HTTP\/1\.1 100 /);
  client.write('abc');
  await client.got(/\r\n\r\nabc$/);

  assert.equal(before, '');
});

for (const protocol of ['h2c', 'TLS/1.2', 'h2c, foo/2']) {
  for (const body of [
    '',
    'Content-Length: 3\r\n\r\nabc',
    'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  ]) {
    test(`ignores Upgrade: ${protocol} with ${body === '' ? 'no body' : body.slice(0, 14)} (RFC 9110 7.8)`, async () => {
      await using gateway = await startListening();
      gateway.handler.respond = respondEcho;
      using client = await RawClient.secure(gateway);
      const head = `POST / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;

      client.write(head + (body === '' ? '\r\n' : body));
      await client.got(body === '' ? /200 OK/ : /abc$/);
      client.write('GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n');
      await until(() => gateway.handler.handled.length === 2, 'the connection goes on');

      assert.equal(gateway.handler.handled[0]?.upgrade, undefined);
      assert.equal(gateway.handler.handled[1]?.target, '/next');
      assert.deepEqual(gateway.handler.refusals, []);
    });
  }
}
