import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePorts, isPortFree, PortTaken } from '../../../demo/ports.ts';

for (const address of ['127.0.0.1', '::1', '0.0.0.0']) {
  test(`a port is not free while somebody listens at ${address}`, async (context) => {
    const server = createServer();
    const isListening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(0, address, () => resolve(true));
    });
    if (!isListening) return context.diagnostic(`this machine has no ${address}`);
    const { port } = server.address() as AddressInfo;

    const whileTaken = await isPortFree(port);
    await new Promise((resolve) => server.close(resolve));

    assert.equal(whileTaken, false);
    assert.equal(await isPortFree(port), true);
  });
}

test('free ports are as many as asked for', async () => {
  const { amqp, interior } = await freePorts('amqp', 'interior');

  assert.notEqual(amqp, interior);
  assert.ok(await isPortFree(amqp));
});

test('a taken port is named, with another one to choose', () => {
  assert.match(new PortTaken(8443).message, /port 8443 .* --port 8444"/);
  assert.match(new PortTaken(65_535).message, /--port 65534"/);
});
