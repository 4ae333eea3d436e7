import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import test from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const POLICY = `
services: { app: { address: "app:1" } }
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    paths:
      /small: { body: 10B }
      /quick: { timeout: { total: 300ms } }
      /**: {}
`;

test('one connection carries request after request', async () => {
  await using application = new Fickle();
  await using running = await start(application);

  for (let i = 0; i < 5; i += 1) assert.equal(await status(running.gateway, 'GET', '/'), 200);

  assert.equal(application.connections, 1);
  assert.equal(metricValue(running.gateway.gateway.metrics.render(), 'fairlead_lanes'), 1);
});

test('a kept-alive connection that dies unseen costs a GET nothing, and is told of a POST', async () => {
  await using application = new Fickle();
  await using running = await start(application);

  await status(running.gateway, 'GET', '/');
  application.dieAtNextRequest = true;
  const get = await status(running.gateway, 'GET', '/');
  application.dieAtNextRequest = true;
  const post = await status(running.gateway, 'POST', '/', 'x');
  await status(running.gateway, 'GET', '/');
  application.dieAtNextRequest = true;
  const emptyPost = await status(running.gateway, 'POST', '/');

  assert.deepEqual([get, post, emptyPost], [200, 502, 502]);
  assert.deepEqual(application.seen, ['GET', 'GET', 'GET', 'POST', 'GET', 'POST']);
  assert.equal((await running.gateway.record(2))['retries'], 1);
  assert.equal((await running.gateway.record(3))['retries'], undefined);
});

for (const [what, words] of [
  ['an interim response', 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'],
  ['half a response head', 'HTTP/1.1 200 OK\r\nContent-'],
] as const) {
  test(`a kept-alive connection that dies after ${what} is told, and no GET is sent again`, async () => {
    await using application = new Fickle();
    await using running = await start(application);
    using client = await rawTo(running.gateway);

    await status(running.gateway, 'GET', '/');
    application.lastWords = words;
    client.write('GET / HTTP/1.1\r\nHost: app.example.test\r\nConnection: close\r\n\r\n');
    await client.ended();

    assert.deepEqual(
      client.statuses.filter((it) => it !== 103),
      [502],
    );
    assert.equal(client.statuses.filter((it) => it === 103).length, words.includes('103') ? 1 : 0);
    assert.deepEqual(application.seen, ['GET', 'GET']);
    assert.equal(application.connections, 1);
  });
}

test('a connection that the application closed while idle is replaced, also for a POST', async () => {
  await using application = new Fickle();
  await using running = await start(application);
  const { gateway } = running;

  await status(gateway, 'GET', '/');
  await application.closeAll();
  await waitForLanes(gateway, 0);
  const post = await status(gateway, 'POST', '/', 'x');

  assert.equal(post, 200);
  assert.equal(application.connections, 2);
});

test('a GET is sent twice at most', async () => {
  await using application = new Fickle();
  await using running = await start(application);

  await status(running.gateway, 'GET', '/');
  application.diesAlways = true;
  const get = await status(running.gateway, 'GET', '/');

  assert.equal(get, 502);
  assert.equal(application.seen.length, 3);
});

test('an application that dies at every request is not asked twice as often', async () => {
  await using application = new Fickle();
  await using running = await start(application);
  const { gateway } = running;

  for (let i = 0; i < 40; i += 1) {
    await status(gateway, 'GET', '/');
    application.dieAtNextRequest = true;
    await status(gateway, 'GET', '/');
  }

  // Ten saved up and a tenth of 80 requests: 18 retries, the others are told.
  const retried = gateway.records.filter((line) => line['retries'] === 1).length;
  assert.ok(retried >= 10 && retried <= 19, `${retried} retries`);
});

test('the body limit and the time limit of a path hold for that path', async () => {
  await using application = new Fickle();
  await using running = await start(application);
  const { gateway } = running;
  const body = 'x'.repeat(11);

  const declared = await status(gateway, 'POST', '/small', body);
  const undeclared = await status(gateway, 'POST', '/small', stream(body));
  const elsewhere = await status(gateway, 'POST', '/large', body);
  application.isSilent = true;
  const late = await status(gateway, 'GET', '/quick');

  assert.deepEqual(
    { declared, undeclared, elsewhere, late },
    {
      declared: 413,
      undeclared: 413,
      elsewhere: 200,
      late: 504,
    },
  );
  assert.equal((await gateway.record(4))['fault'], 'exchange_timeout');
});

interface Running extends AsyncDisposable {
  readonly router: RunningRouter;
  readonly gateway: TestGateway;
}

async function start(application: Fickle): Promise<Running> {
  const router = await startRouter({ connectors: { 'app:1': await application.address() } });
  const gateway = await TestGateway.start({ links: [router.link], policy: POLICY });
  return {
    router,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
    },
  };
}

async function status(
  gateway: TestGateway,
  method: string,
  path: string,
  body?: string | AsyncIterable<Uint8Array>,
): Promise<number> {
  const options = body === undefined ? {} : { body: body as string };
  const response = await gateway.request(path, { method, ...options });
  await response.body.dump();
  return response.statusCode;
}

async function* stream(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

async function waitForLanes(gateway: TestGateway, count: number): Promise<void> {
  const lanes = () => metricValue(gateway.gateway.metrics.render(), 'fairlead_lanes');
  await waitUntil(`${count} lanes`, () => lanes() === count);
}

/** A kept-alive application that answers 200, or breaks as it is told. */
class Fickle implements AsyncDisposable {
  /** Methods of the requests that arrived. */
  readonly seen: string[] = [];
  dieAtNextRequest = false;
  /** Said to the next request, before the end of the connection. */
  lastWords: string | undefined;
  diesAlways = false;
  isSilent = false;
  #backend: Backend | undefined;

  async address() {
    this.#backend ??= await Backend.start((socket) => this.#serve(socket));
    return this.#backend.address;
  }

  get connections(): number {
    return this.#backend!.connections.length;
  }

  async closeAll(): Promise<void> {
    for (const socket of this.#backend!.connections) socket.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backend?.stop();
  }

  #serve(socket: Socket): void {
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      const method = /^([A-Z]+) \S+ HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1];
      if (method === undefined) return;
      this.seen.push(method);
      if (this.isSilent) return;
      if (this.lastWords !== undefined) {
        socket.end(this.lastWords);
        this.lastWords = undefined;
        return;
      }
      if (this.dieAtNextRequest || this.diesAlways) {
        this.dieAtNextRequest = false;
        socket.destroy();
        return;
      }
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  }
}
