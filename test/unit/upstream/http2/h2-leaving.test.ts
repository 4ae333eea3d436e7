import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import { NO_REPORTS } from '../../../../src/upstream/connection-reports.ts';
import { H2Connections } from '../../../../src/upstream/http2/h2-connections.ts';
import { startFrameApplication } from '../../../support/applications/frame-application.ts';
import { Heard } from '../../../support/applications/h2-scene.ts';
import { FRAME, frame } from '../../../support/clients/http2-frames.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { FakeBody } from '../../../support/fakes/message.ts';
import { service } from '../../../support/policy/policy.ts';
import { waitUntil } from '../../../support/tools/wait-until.ts';

// An application that never ends its half of a connection, as one does that hangs, or that is half-closed and forgets.

test('a connection that was let go is closed at once when the gateway stops', async () => {
  await using it = await scene();
  await it.answered();

  void it.connections.close();
  await it.hasEndOfOurs();
  await it.connections.destroy();

  assert.ok(it.sockets.every(({ destroyed }) => destroyed));
});

test('a connection that was let go is cut when its application does not end it', async () => {
  await using it = await scene();
  await it.answered();

  const closed = it.connections.close();
  await it.hasEndOfOurs();
  assert.equal(it.sockets[0]!.destroyed, false);
  it.clock.advance(DEADLINES.upstreamLeaveMs);
  await closed;

  assert.equal(it.sockets[0]!.destroyed, true);
});

test('a connection whose application said GOAWAY, and no more, is cut, and makes room for another', async () => {
  await using it = await scene({ maxConnections: 1 });
  await it.answered();

  it.peer().write(frame(FRAME.goaway, 0, 0, Buffer.alloc(8)));
  await it.hasEndOfOurs();
  const heard = it.send();
  it.clock.advance(DEADLINES.upstreamLeaveMs);
  await waitUntil('the answer', () => heard.status === 200);

  assert.equal(it.sockets.length, 2);
  assert.equal(it.sockets[0]!.destroyed, true);
});

test('a connection that the application ends in time is not cut', async () => {
  await using it = await scene();
  await it.answered();

  const closed = it.connections.close();
  await it.hasEndOfOurs();
  it.peer().end();
  await closed;

  assert.equal(it.clock.pendingCount, 0);
});

async function scene(overrides: { readonly maxConnections?: number } = {}) {
  const application = await startFrameApplication(() => [[[':status', '200']]]);
  const clock = new FakeClock();
  const sockets: Socket[] = [];
  const one = service({ protocol: 'h2', ...overrides });
  const connections = new H2Connections({
    reports: NO_REPORTS,
    service: one,
    clock,
    open: async () => {
      const socket = connect(application.address.port, '127.0.0.1');
      await once(socket, 'connect');
      sockets.push(socket);
      return socket;
    },
  });
  const send = (): Heard => {
    const heard = new Heard();
    const request = { service: one, method: 'GET', target: '/', headers: [] };
    connections.send({ ...request, body: new FakeBody(0) }, heard, () => {});
    return heard;
  };
  return {
    clock,
    sockets,
    connections,
    send,
    peer: () => application.connections[0]!,
    async answered() {
      const heard = send();
      await waitUntil('the answer', () => heard.status === 200);
    },
    hasEndOfOurs: () => waitUntil('our end', () => application.connections[0]!.readableEnded),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await application.stop();
    },
  };
}
