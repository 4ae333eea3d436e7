import assert from 'node:assert/strict';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import test from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import { ServicePools } from '../../../src/upstream/service-pools.ts';
import type { UpstreamReceiver } from '../../../src/upstream/upstream.ts';
import { FakeBody } from '../../support/fakes/message.ts';
import { service } from '../../support/policy/policy.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const HINT = `HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(1_000)}>\r\n\r\n`;

/** An application that answers each request with thirty-one interim responses, one and then thirty. */
async function startApplication() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(HINT));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    sockets,
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A stream that is no socket, as a lane's. */
function asDuplex(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk as Buffer, () => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!duplex.push(chunk)) socket.pause();
  });
  socket.on('end', () => duplex.push(null));
  return duplex;
}

for (const [way, wrap] of [
  ['a socket', (socket: Socket): Duplex => socket],
  ['a lane', asDuplex],
] as const) {
  for (const upgrade of [undefined, 'websocket'] as const) {
    test(`interim responses over ${way} wait while the client does not read${upgrade ? ', of an upgrade too' : ''}`, async () => {
      using application = await startApplication();
      const open = async (): Promise<Duplex> => {
        const socket = connect(application.port, '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        return wrap(socket);
      };
      const pools = new ServicePools(open, systemClock);
      const seen = { interim: 0, status: 0, isEnded: false };
      const receiver: UpstreamReceiver = {
        connected() {},
        sent() {},
        progress() {},
        informational: () => {
          seen.interim += 1;
          if (seen.interim === 1) call.pause();
        },
        head: (status) => void (seen.status = status),
        data() {},
        end: () => void (seen.isEnded = true),
        fail: (error) => assert.fail(error.message),
      };
      const request = { service: service({}), method: 'GET', target: '/', headers: ['host', 'a'] };
      const call = pools.send({ ...request, body: new FakeBody(), upgrade }, receiver);
      await waitUntil('the first', () => seen.interim === 1);

      application.sockets[0]!.write(HINT.repeat(30));
      application.sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const whileHeld = seen.interim;
      call.resume();
      await waitUntil('the end', () => seen.isEnded);
      await pools.destroy();

      assert.equal(whileHeld, 1);
      assert.deepEqual(seen, { interim: 31, status: 200, isEnded: true });
    });
  }
}
