import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { PROTOCOL_HEADERS } from '../../../src/network/amqp/codec/frame.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { FrameClient } from '../../support/routers/frame-client.ts';
import { startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const KEY = 'raw:1';

test('closes silently on a bare AMQP header', async () => {
  await using standin = await startStandin();
  using client = await FrameClient.connect(standin.link);

  client.raw(PROTOCOL_HEADERS.amqp);
  await client.finished();

  assert.deepEqual(client.arrivals, [{ kind: 'fin' }]);
});

test('refuses ANONYMOUS with outcome 1', async () => {
  await using standin = await startStandin();
  using client = await FrameClient.connect(standin.link);

  client.raw(PROTOCOL_HEADERS.sasl);
  client.send(0, { kind: 'sasl-init', mechanism: 'ANONYMOUS' });
  const outcome = await client.received('sasl-outcome');

  assert.equal(outcome.performative.code, 1);
  await client.finished();
});

test('refuses a client without certificate in the TLS handshake', async () => {
  await using standin = await startStandin();
  const { host, port, ca } = standin.link;

  const socket = connect({ host, port, ca, servername: 'localhost' });
  socket.resume();

  await assert.rejects(once(socket, 'end'), /certificate required/);
});

test('kills and notes a resumed TLS session, as a real router does', async () => {
  await using standin = await startStandin();
  const options = { ...standin.link, servername: 'localhost' };
  const first = connect(options);
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();

  const second = connect({ ...options, session });
  second.on('error', () => undefined).resume();
  await once(second, 'close');

  assert.equal(standin.router.violations[0]?.kind, 'tls-session-resumed');
});

test('notes a container id that an earlier connection had, open or gone', async () => {
  await using standin = await startStandin();
  using first = await FrameClient.open(standin.link, 'gateway');
  const before = standin.router.violations.length;
  using second = await FrameClient.open(standin.link, 'gateway');
  first.end();
  second.end();
  await standin.router.restart();

  using third = await FrameClient.open(standin.link, 'gateway');

  assert.equal(before, 0);
  assert.deepEqual(
    standin.router.violations.map(({ kind, detail }) => `${kind} ${detail}`),
    ['container-id-reused gateway', 'container-id-reused gateway'],
  );
  assert.equal(third.isFinished, false);
});

test('detaches and notes a delivery without credit', async () => {
  await using standin = await startStandin();
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);

  client.openStream(0, { to: KEY, replyTo });
  const detach = await client.received('detach');

  assert.equal(detach.performative.error?.condition, 'amqp:link:transfer-limit-exceeded');
  assert.equal(standin.router.violations[0]?.kind, 'no-credit');
});

test('notes octets before the response opening, and carries them', async () => {
  await using backend = await Backend.start(echo);
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);

  client.openStream(0, { to: KEY, replyTo });
  client.octets(0, Buffer.from('early'));
  await waitUntil('echo', () => client.payload().toString('latin1').endsWith('early'));

  assert.equal(standin.router.violations[0]?.kind, 'early-octets');
});

test('opens no response while the session window is closed, and one at a flow of the link', async () => {
  await using backend = await Backend.start();
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY, { incomingWindow: 0 });

  client.openStream(0, { to: KEY, replyTo });
  await backend.connection();
  await client.roundTrip(0);
  const before = client.frames('transfer').length;
  const window = {
    nextIncomingId: 0,
    incomingWindow: 64,
    nextOutgoingId: 1,
    outgoingWindow: 1_000,
  };
  client.send(0, { kind: 'flow', ...window, handle: 0, deliveryCount: 0, linkCredit: 1 });
  await client.received('transfer');

  // A flow of the session alone, of the round trip, does not wake it, as it does not wake a skrouterd.
  assert.equal(before, 0);
});

test('stands still when frozen, and goes on when thawed', async () => {
  await using standin = await startStandin();
  using client = await FrameClient.open(standin.link);
  await client.lane(0, KEY);

  standin.router.freeze();
  const trip = client.roundTrip(0);
  const before = client.frames('flow').length;
  await new Promise((resolve) => setImmediate(resolve));
  standin.router.thaw();
  await trip;

  assert.equal(before, 0);
  assert.equal(client.frames('flow').length, 1);
});
