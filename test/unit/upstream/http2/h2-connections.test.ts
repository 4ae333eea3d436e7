import assert from 'node:assert/strict';
import { NO_REPORTS } from '../../../../src/upstream/connection-reports.ts';
import { once } from 'node:events';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import test from 'node:test';
import { systemClock } from '../../../../src/app/system-clock.ts';
import { GatewayError } from '../../../../src/core/errors.ts';
import { H2Connections } from '../../../../src/upstream/http2/h2-connections.ts';
import { h2Scene, Heard } from '../../../support/applications/h2-scene.ts';
import { FakeBody } from '../../../support/fakes/message.ts';
import { service } from '../../../support/policy/policy.ts';
import { waitUntil } from '../../../support/tools/wait-until.ts';

test('a connection carries as many streams as its application allows, and then there is another', async () => {
  const open = new Map<unknown, number>();
  await using it = await h2Scene((stream) => {
    open.set(stream.session, (open.get(stream.session) ?? 0) + 1);
  });

  for (let i = 0; i < 6; i += 1) it.send();
  await waitUntil('all are under way', () => [...open.values()].join() === '2,2,2');

  assert.equal(it.sockets.length, 3);
});

test('no more connections are opened than the policy allows; the rest waits its turn', async () => {
  const streams: ServerHttp2Stream[] = [];
  await using it = await h2Scene((stream) => streams.push(stream), { maxConnections: 1 });

  const calls = ['/1', '/2', '/3'].map((path) => it.send(path));
  await waitUntil('two are under way', () => streams.length === 2);
  streams[0]!.respond({}, { endStream: true });
  await waitUntil('the third had its turn', () => streams.length === 3);

  assert.equal(it.sockets.length, 1);
  assert.equal(calls[0]!.heard.isWhole, true);
});

test('with balance: request no connection is used twice', async () => {
  await using it = await h2Scene((stream) => stream.respond({}, { endStream: true }), {
    balance: 'request',
  });

  for (let i = 0; i < 3; i += 1) {
    const { heard } = it.send();
    await waitUntil('answered', () => heard.trailers !== undefined);
  }

  assert.equal(it.sockets.length, 3);
  await waitUntil('all are closed', () => it.sockets.every((socket) => socket.destroyed));
});

test('after GOAWAY the streams under way finish, and new ones get another connection', async () => {
  const streams: ServerHttp2Stream[] = [];
  await using it = await h2Scene((stream) => {
    streams.push(stream);
    stream.respond({});
    stream.write('first');
  });

  const { heard } = it.send();
  await waitUntil('the first is under way', () => heard.body === 'first');
  (streams[0]!.session as ServerHttp2Session).close();
  await waitUntil('GOAWAY arrived', () => {
    const { heard: next } = it.send();
    return it.sockets.length > 1 && next.error === undefined;
  });
  streams[0]!.end(' last');
  await waitUntil('the first is whole', () => heard.trailers !== undefined);

  assert.equal(heard.body, 'first last');
});

test('a stream that is reset in mid-response is an error, never an end', async () => {
  const streams: ServerHttp2Stream[] = [];
  await using it = await h2Scene((stream) => {
    streams.push(stream);
    stream.respond({});
    stream.write('half');
  });

  const { heard } = it.send();
  await waitUntil('half is here', () => heard.body === 'half');
  streams[0]!.destroy(new Error('reset'));
  await waitUntil('the reset is told', () => heard.error !== undefined);

  assert.equal(heard.trailers, undefined);
  assert.equal(heard.error?.code, 'upstream_reset');
  assert.equal(heard.error?.retryable, false);
});

test('a connection that is lost in mid-response is an error, never an end', async () => {
  await using it = await h2Scene((stream) => {
    stream.respond({});
    stream.write('half');
  });

  const { heard } = it.send();
  await waitUntil('half is here', () => heard.body === 'half');
  it.sockets[0]!.destroy();
  await waitUntil('the loss is told', () => heard.error !== undefined);

  assert.equal(heard.error?.code, 'upstream_reset');
});

test('an upload that is given up is an error to its application, never a whole body', async () => {
  const events: string[] = [];
  await using it = await h2Scene((stream) => {
    stream.on('data', () => events.push('data'));
    stream.on('end', () => events.push(stream.aborted ? 'cut' : 'whole'));
    stream.on('aborted', () => events.push('aborted'));
    stream.on('close', () => events.push('close'));
  });

  const body = new FakeBody(8);
  const call = it.send('/', body);
  await waitUntil('the body is wanted', () => body.receiver !== undefined);
  body.receiver!.data(Buffer.from('half'));
  await waitUntil('half is there', () => events.includes('data'));
  call.abort(new GatewayError('client_gone'));
  await waitUntil('the stream is closed', () => events.includes('close'));

  assert.ok(events.includes('aborted'));
  assert.ok(!events.includes('whole'), events.join());
});

for (const [when, hint, retryable] of [
  ['before any response', undefined, true],
  ['after an interim response', { ':status': 103, link: '</a.css>' }, false],
] as const) {
  test(`a kept-alive connection that is lost ${when}: sent again ${retryable}`, async () => {
    const streams: ServerHttp2Stream[] = [];
    await using it = await h2Scene((stream) => streams.push(stream));
    const first = it.send();
    await waitUntil('the first is there', () => streams.length === 1);
    streams[0]!.respond({}, { endStream: true });
    await waitUntil('the first is whole', () => first.heard.isWhole);

    const { heard } = it.send();
    await waitUntil('the second is there', () => streams.length === 2);
    if (hint !== undefined) streams[1]!.additionalHeaders(hint);
    await waitUntil('the hint', () => heard.interim.length === (hint === undefined ? 0 : 1));
    it.sockets[0]!.destroy();
    await waitUntil('the loss', () => heard.error !== undefined);

    assert.equal(heard.error!.code, 'upstream_reset');
    assert.equal(heard.error!.retryable, retryable);
  });
}

test('a refused stream may be sent again (RFC 9113 8.7)', async () => {
  await using it = await h2Scene((stream) => stream.close(7));

  const { heard } = it.send();
  await waitUntil('the refusal is told', () => heard.error !== undefined);

  assert.equal(heard.error?.retryable, true);
});

test('trailers go up behind the body, and come down behind the response', async () => {
  const seen: string[] = [];
  await using it = await h2Scene((stream) => {
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    stream.on('trailers', (fields) => seen.push(String(fields['x-up'])));
    stream.on('end', () => {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-down': 'd' }));
      stream.end('answer');
    });
  });

  const body = new FakeBody(8);
  const { heard } = it.send('/', body);
  await waitUntil('the body is wanted', () => body.receiver !== undefined);
  body.receiver!.data(Buffer.from('question'));
  body.receiver!.end(['X-Up', 'u']);
  await waitUntil('answered', () => heard.trailers !== undefined);

  assert.deepEqual(seen, ['question', 'u']);
  assert.equal(heard.body, 'answer');
  assert.deepEqual([...heard.trailers!], ['x-down', 'd']);
});

test('trailers that cannot be written reset the request: the application never takes it for whole', async () => {
  const events: string[] = [];
  await using it = await h2Scene((stream) => {
    stream.on('data', () => {});
    stream.on('end', () => events.push(stream.aborted ? 'cut' : 'whole'));
    stream.on('close', () => events.push('close'));
  });

  const body = new FakeBody(8);
  const { heard } = it.send('/', body);
  await waitUntil('the body is wanted', () => body.receiver !== undefined);
  body.receiver!.data(Buffer.from('question'));
  body.receiver!.end(['proxy-connection', 'no field of HTTP/2']);
  await waitUntil('the application knows', () => events.includes('close'));

  assert.equal(heard.error?.code, 'client_body_malformed');
  assert.ok(!events.includes('whole'), events.join());
});

test('a client that reads no response holds its application up, and no other stream', async () => {
  const application = { written: 0 };
  await using it = await h2Scene((stream, path) => {
    stream.respond({});
    if (path === '/small') {
      stream.end('small');
      return;
    }
    const pump = (): void => {
      while (!stream.destroyed && application.written < 64 * 2 ** 20) {
        application.written += 65_536;
        if (!stream.write(Buffer.alloc(65_536))) {
          stream.once('drain', pump);
          break;
        }
      }
    };
    pump();
  });

  const large = it.send('/large');
  large.pause();
  let before = -1;
  while (application.written === 0 || application.written !== before) {
    before = application.written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heard } = it.send('/small');
  await waitUntil('the other is answered', () => heard.trailers !== undefined);

  assert.ok(application.written < 2 ** 20, `${application.written} octets left the application`);
  assert.equal(it.sockets.length, 1);
});

test('an application that does not read holds its client up', async () => {
  await using it = await h2Scene((stream) => stream.pause());

  const body = new FakeBody(8);
  it.send('/', body);
  await waitUntil('the body is wanted', () => body.receiver !== undefined);
  body.receiver!.data(Buffer.alloc(65_536));

  assert.equal(body.isPaused, true);
});

test('an application that speaks no HTTP/2 is a failure, and nothing was sent', async () => {
  await using it = await h2Scene(() => {});
  const connections = new H2Connections({
    reports: NO_REPORTS,
    service: service({ protocol: 'h2' }),
    clock: systemClock,
    open: async () => {
      const plain = connect((it.server.address() as AddressInfo).port, '127.0.0.1');
      await once(plain, 'connect');
      plain.push('HTTP/1.1 400 Bad Request\r\n\r\n');
      return plain;
    },
  });
  const heard = new Heard();
  const request = { service: service(), method: 'POST', target: '/', headers: [] };

  connections.send({ ...request, body: new FakeBody(3) }, heard, () => {});
  await waitUntil('the failure is told', () => heard.error !== undefined);
  await connections.destroy();

  assert.equal(heard.error?.code, 'upstream_connect_failed');
  assert.equal(heard.error?.retryable, true);
});

for (const [what, code, fault] of [
  ['a certificate of ours that TLS 1.3 refuses late', 'ERR_SSL_ALERT', 'upstream_tls_failed'],
  ['a connection that breaks before HTTP/2', 'ECONNRESET', 'upstream_connect_failed'],
] as const) {
  test(`${what} is told with its reason`, async () => {
    await using it = await h2Scene(() => {});
    const heard = new Heard();
    const connections = new H2Connections({
      reports: NO_REPORTS,
      service: service({ protocol: 'h2' }),
      clock: systemClock,
      open: async () => {
        const socket = connect((it.server.address() as AddressInfo).port, '127.0.0.1');
        await once(socket, 'connect');
        setImmediate(() => socket.destroy(Object.assign(new Error('the reason'), { code })));
        return socket;
      },
    });
    const request = { service: service(), method: 'GET', target: '/', headers: [] };

    connections.send({ ...request, body: new FakeBody(0) }, heard, () => {});
    await waitUntil('the failure is told', () => heard.error !== undefined);
    await connections.destroy();

    assert.equal(heard.error?.code, fault);
    assert.match(heard.error?.message ?? '', /the reason/);
  });
}
