import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Metadata, status, type Client, type ServiceError } from '@grpc/grpc-js';
import { TestGateway } from '../../support/gateway/gateway.ts';
import {
  callUnary,
  ECHO,
  grpcTo,
  startGrpcApplication,
  type Message,
} from '../../support/applications/grpc.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

let application: Awaited<ReturnType<typeof startGrpcApplication>>;
let router: RunningRouter;
let gateway: TestGateway;
let client: Client;

before(async () => {
  application = await startGrpcApplication();
  router = await startRouter({ connectors: { 'rpc:1': application.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services: { rpc: { address: "rpc:1", protocol: h2 } }
routes:
  rpc:
    host: app.example.test
    service: rpc
    auth: public
    paths: { /test.Echo/Limited: { limits: { rate: 1/h } } }
`,
  });
  client = grpcTo(gateway);
});

after(async () => {
  client?.close();
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

test('a unary call is answered, with the trailers that a client may get', async () => {
  const { message, trailer } = await callUnary(client, 'hello').answer;

  assert.equal(message.text, 'hello');
  assert.deepEqual(trailer.get('x-trailer'), ['kept']);
  assert.deepEqual(trailer.get('fairlead-decision'), []);
});

test('an error comes with its code, its text and its metadata', async () => {
  const error = await failureOf(callUnary(client, 'fail').answer);

  assert.equal(error.code, status.NOT_FOUND);
  assert.equal(error.details, 'no such thing');
  assert.deepEqual(error.metadata.get('x-trailer'), ['kept']);
});

test('an unknown method is what the application says of it, in its trailers-only answer', async () => {
  const error = await failureOf(unaryAt('/test.Echo/Unknown'));

  assert.equal(error.code, status.UNIMPLEMENTED);
});

test('the application streams to the client', async () => {
  const call = client.makeServerStreamRequest(...callOf(ECHO.download), { text: 'item' });
  const texts: string[] = [];
  call.on('data', ({ text }: Message) => texts.push(text));

  await once(call, 'end');

  assert.deepEqual(texts, ['item 0', 'item 1', 'item 2', 'item 3', 'item 4']);
});

test('the client streams to the application', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const call = client.makeClientStreamRequest(...callOf(ECHO.upload), (error, message) =>
    error ? reject(error) : resolve(message!),
  );

  for (const text of ['a', 'b', 'c']) call.write({ text });
  call.end();

  assert.equal((await promise).text, 'a b c');
});

test('both sides stream at the same time, each message before the next is sent', async () => {
  const call = client.makeBidiStreamRequest(...callOf(ECHO.chat));

  for (let i = 0; i < 20; i += 1) {
    call.write({ text: String(i) });
    const [echoed] = (await once(call, 'data')) as [Message];
    assert.equal(echoed.text, String(i));
  }
  call.end();
  call.resume();
  const [end] = (await once(call, 'status')) as [{ code: number }];

  assert.equal(end.code, status.OK);
});

test('a deadline of the client ends the call at the application, too', async () => {
  const { cancelled } = application.seen;

  const error = await failureOf(callUnary(client, 'never', { deadline: Date.now() + 300 }).answer);

  assert.equal(error.code, status.DEADLINE_EXCEEDED);
  await waitUntil('the application is told', () => application.seen.cancelled > cancelled);
});

test('a client that cancels is heard by the application, in mid-stream too', async () => {
  const { cancelled } = application.seen;
  const unary = callUnary(client, 'never');
  const failure = failureOf(unary.answer);
  const stream = client.makeServerStreamRequest(...callOf(ECHO.download), { text: 'endless' });
  stream.on('error', () => {});
  await once(stream, 'data');

  unary.cancel();
  stream.cancel();

  assert.equal((await failure).code, status.CANCELLED);
  await waitUntil('both are told', () => application.seen.cancelled === cancelled + 2);
  await waitUntil('no exchange is open', () => openExchanges() === 0);
});

test('more calls than one connection takes go over several', async () => {
  const calls = Array.from({ length: 50 }, (_, i) => callUnary(client, `n${i}`).answer);

  const answers = await Promise.all(calls);

  assert.deepEqual(
    answers.map(({ message }) => message.text),
    Array.from({ length: 50 }, (_, i) => `n${i}`),
  );
});

test('messages of 3 MB cross in both directions', async () => {
  const text = 'x'.repeat(3 * 1024 * 1024);

  const { message } = await callUnary(client, text).answer;

  assert.equal(message.text, text);
});

test('a refusal of ours is a status that a gRPC client reads', async () => {
  await failureOf(unaryAt('/test.Echo/Limited'));

  const limited = await failureOf(unaryAt('/test.Echo/Limited'));

  assert.equal(limited.code, status.UNAVAILABLE);
  assert.equal(limited.details, 'Too many requests.');
});

test('the application gets our fields, and not those that only we may write', async () => {
  const metadata = new Metadata();
  metadata.set('x-forwarded-for', '203.0.113.9');
  metadata.set('x-own', 'mine');

  await callUnary(client, 'fields', { metadata }).answer;

  const got = application.seen.metadata.at(-1)!;
  assert.deepEqual(got.get('x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(got.get('x-own'), ['mine']);
});

type Method = (typeof ECHO)[keyof typeof ECHO];

function callOf(method: Method) {
  return [method.path, method.requestSerialize, method.responseDeserialize] as const;
}

function unaryAt(path: string): Promise<Message> {
  const { requestSerialize, responseDeserialize } = ECHO.unary;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { text: 'x' },
      (error, message) => (error ? reject(error) : resolve(message!)),
    );
  });
}

async function failureOf(answer: Promise<unknown>): Promise<ServiceError> {
  try {
    await answer;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('the call succeeded');
}

function openExchanges(): number | undefined {
  return metricValue(gateway.gateway.metrics.render(), 'http_server_active_requests');
}
