import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import { firstField } from '../../../src/core/header-list.ts';
import type { ServicePolicy } from '../../../src/policy/snapshot/snapshot.ts';
import type { UpstreamCall } from '../../../src/upstream/upstream.ts';
import { FakeBody } from '../fakes/message.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type {
  Arrived,
  ConnectionsKind,
  ConnectionsUnderTest,
} from './connections/connections-under-test.ts';
import { RecordedReceiver } from './connections/recorded-receiver.ts';

type Row = (under: ConnectionsUnderTest) => Promise<void>;
type Check = (does: string, run: Row, changes?: Partial<ServicePolicy>) => void;

const GIVEN_UP = new GatewayError('client_gone', { detail: 'the client left' });
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** What every `ServiceConnections` does, whatever it speaks. */
export function serviceConnectionsContract(kind: ConnectionsKind): void {
  const check: Check = (does, run, changes) =>
    void test(`${kind.name}: ${does}`, async () => {
      await using under = await kind.open(changes);
      await run(under);
    });
  answers(check);
  givenUp(check);
  failures(check);
  ends(check);
}

function answers(check: Check): void {
  check('carries a request and its answer, and releases it once', async (under) => {
    const body = untoldBody();
    const { receiver } = send(under, body);
    await waitUntil('the body is wanted', () => body.receiver !== undefined);
    body.receiver!.data(Buffer.from('ask'));
    body.receiver!.end([]);
    const { request, response } = await arrived(under);
    let asked = '';
    for await (const chunk of request) asked += String(chunk);
    response.writeHead(201, { 'x-app': 'one' }).end('answer');

    await waitUntil('it is over', () => receiver.isOver);
    assert.deepEqual([request.method, request.url, asked], ['POST', '/a?b', 'ask']);
    assert.deepEqual([receiver.told, receiver.body], [['head 201', 'end'], 'answer']);
    assert.deepEqual([receiver.opened, receiver.releases], [1, 1]);
  });

  check('tells interim responses and trailers', async (under) => {
    const { receiver } = send(under);
    const { response } = await arrived(under);
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('ok');
    response.addTrailers({ 'x-sum': '42' });
    response.end();

    await waitUntil('it is over', () => receiver.isOver);
    assert.deepEqual([receiver.interim, receiver.told], [[103], ['head 200', 'end']]);
    assert.equal(firstField(receiver.trailers, 'x-sum'), '42');
  });

  check('a paused answer waits, and goes on', async (under) => {
    const { receiver, call } = send(under);
    const { response } = await arrived(under);
    response.flushHeaders();
    await waitUntil('the head came', () => receiver.told.length === 1);
    call.pause();
    for (let i = 0; i < 256; i += 1) response.write(CHUNK);
    response.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const held = receiver.body.length;

    call.resume();
    await waitUntil('it is over', () => receiver.isOver);
    assert.ok(held < 4 * 1024 * 1024, `${held} octets came while paused`);
    assert.equal(receiver.body.length, 256 * CHUNK.length);
  });

  check(
    'opens no more connections than the policy allows; each request has its turn',
    async (under) => {
      const sent = Array.from({ length: 5 }, () => send(under));
      for (let i = 0; i < 5; i += 1) (await arrived(under, i)).response.end('ok');

      await waitUntil('all are over', () => sent.every(({ receiver }) => receiver.isOver));
      assert.ok(sent.every(({ receiver }) => receiver.body === 'ok' && receiver.releases === 1));
      assert.equal(under.sockets.length, 1);
    },
    { maxConnections: 1 },
  );
}

function givenUp(check: Check): void {
  check('given up before the head, the receiver hears nothing more', async (under) => {
    const { receiver, call } = send(under);
    const one = await arrived(under);
    call.abort(GIVEN_UP);
    call.abort(GIVEN_UP);

    await isGone(one);
    await waitUntil('it is released', () => receiver.releases > 0);
    assert.deepEqual([receiver.told, receiver.releases], [[], 1]);
  });

  check('given up amid the body, the receiver hears nothing more', async (under) => {
    const { receiver, call } = send(under);
    const one = await arrived(under);
    one.response.writeHead(200);
    one.response.write('half');
    await waitUntil('half came', () => receiver.body === 'half');
    call.abort(GIVEN_UP);

    await isGone(one);
    await waitUntil('it is released', () => receiver.releases > 0);
    assert.deepEqual([receiver.told, receiver.releases], [['head 200'], 1]);
  });

  check('a body that fails makes the request fail, never end', async (under) => {
    const body = untoldBody();
    const { receiver } = send(under, body);
    await waitUntil('the body is wanted', () => body.receiver !== undefined);
    body.receiver!.data(Buffer.from('half'));
    const one = await arrived(under);
    body.receiver!.fail(GIVEN_UP);

    await waitUntil('it is over', () => receiver.isOver);
    await isGone(one);
    assert.deepEqual([receiver.error?.code, receiver.releases], ['client_gone', 1]);
    assert.equal(one.request.complete && !one.request.aborted, false);
  });
}

function failures(check: Check): void {
  check(
    'a connection that cannot be opened is told as it is, and costs no octet',
    async (under) => {
      const error = new GatewayError('service_unavailable', { retryable: true });
      const body = untoldBody();
      under.failOpening(error);
      const { receiver } = send(under, body);

      await waitUntil('it is over', () => receiver.isOver);
      assert.deepEqual([receiver.error?.code, receiver.error?.retryable], [error.code, true]);
      assert.deepEqual([body.receiver, receiver.releases], [undefined, 1]);
    },
  );

  check('an application that goes before its head: no retry on a new connection', async (under) => {
    const { receiver } = send(under);
    await arrived(under);
    for (const socket of under.sockets) socket.destroy();

    await waitUntil('it is over', () => receiver.isOver);
    assert.deepEqual([receiver.error?.code, receiver.error?.retryable], ['upstream_reset', false]);
    assert.deepEqual([receiver.told, receiver.releases], [['fail'], 1]);
  });

  check('a kept connection that goes before a head may have died unseen: retry', async (under) => {
    const first = send(under);
    (await arrived(under)).response.end('ok');
    await waitUntil('the first is over', () => first.receiver.isOver);
    const { receiver } = send(under);
    await arrived(under, 1);
    for (const socket of under.sockets) socket.destroy();

    await waitUntil('it is over', () => receiver.isOver);
    assert.deepEqual([receiver.error?.code, receiver.error?.retryable], ['upstream_reset', true]);
    assert.equal(under.sockets.length, 1);
  });

  check('a request with a body is never sent again by itself', async (under) => {
    const first = send(under);
    (await arrived(under)).response.end('ok');
    await waitUntil('the first is over', () => first.receiver.isOver);
    const body = untoldBody();
    const { receiver } = send(under, body);
    await waitUntil('the body is wanted', () => body.receiver !== undefined);
    body.receiver!.data(Buffer.from('ask'));
    await arrived(under, 1);
    for (const socket of under.sockets) socket.destroy();

    await waitUntil('it is over', () => receiver.isOver);
    assert.equal(receiver.error?.retryable, false);
  });

  check('an application that goes amid its body is a fault, never an end', async (under) => {
    const { receiver } = send(under);
    const { response } = await arrived(under);
    response.writeHead(200);
    response.write('half');
    await waitUntil('half came', () => receiver.body === 'half');
    for (const socket of under.sockets) socket.destroy();

    await waitUntil('it is over', () => receiver.isOver);
    assert.deepEqual([receiver.told, receiver.releases], [['head 200', 'fail'], 1]);
  });
}

function ends(check: Check): void {
  check('closed, it finishes what is in flight, then its connections', async (under) => {
    const { receiver } = send(under);
    const { response } = await arrived(under);
    let isClosed = false;
    const closing = under.connections.close().then(() => (isClosed = true));
    response.writeHead(200);
    response.write('ha');
    await waitUntil('half came', () => receiver.body === 'ha');
    assert.equal(isClosed, false);
    response.end('lf');

    await closing;
    assert.deepEqual([receiver.told, receiver.body], [['head 200', 'end'], 'half']);
    await waitUntil('the connections are closed', () => under.sockets.every((it) => it.destroyed));
  });

  check('destroyed, what is in flight fails, and what is sent later', async (under) => {
    const { receiver } = send(under);
    await arrived(under);

    await under.connections.destroy();
    const late = send(under);

    await waitUntil('both are over', () => receiver.isOver && late.receiver.isOver);
    assert.deepEqual([receiver.told, late.receiver.told], [['fail'], ['fail']]);
    assert.deepEqual([receiver.releases, late.receiver.releases], [1, 1]);
  });
}

interface Sent {
  readonly receiver: RecordedReceiver;
  readonly call: UpstreamCall;
}

/** A GET without a body, or a POST with this one. */
function send({ connections, service }: ConnectionsUnderTest, body = new FakeBody(0)): Sent {
  const receiver = new RecordedReceiver();
  const method = body.length === 0 ? 'GET' : 'POST';
  const headers = ['host', 'a.example'];
  const request = { service, method, target: '/a?b', headers, body };
  return { receiver, call: connections.send(request, receiver, receiver.release) };
}

/** Its end alone tells its length. */
function untoldBody(): FakeBody {
  return Object.assign(new FakeBody(), { length: undefined });
}

async function arrived(under: ConnectionsUnderTest, n = 0): Promise<Arrived> {
  await waitUntil(`request ${n} arrived`, () => under.arrived.length > n);
  return under.arrived[n]!;
}

async function isGone(one: Arrived): Promise<void> {
  await waitUntil('the application sees that it is gone', () => one.isOver);
}
