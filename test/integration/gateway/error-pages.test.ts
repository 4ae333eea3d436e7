import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';

const POLICY = `
services:
  app: { address: "app:1" }
routes:
  app: { host: app.example.test, service: app, auth: public, paths: { /once: { limits: { rate: 1/h } }, "/**": {} } }
`;
const NAVIGATION = { accept: 'text/html' };

let application: Application;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await Application.start();
  router = await startRouter({ connectors: { 'app:1': application.address } });
  gateway = await TestGateway.start({ links: [router.link], policy: POLICY });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

test('the type of a problem document is served over HTTP/1.1 and HTTP/2', async () => {
  const problem = JSON.parse(await bodyOf('/.fairlead/nothing')) as { type: string };
  const over1 = await gateway.request(problem.type);
  const session = await http2To(gateway);
  const stream = session.request({ ':path': problem.type });
  const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
  const over2 = await textOf(stream);
  session.destroy();

  assert.equal(problem.type, '/.fairlead/errors/no_route');
  assert.equal(over1.statusCode, 200);
  assert.equal(await over1.body.text(), over2);
  assert.equal(head[':status'], 200);
  assert.match(over2, /<h1>The code no_route<\/h1>/);
  assert.match(String(head['content-security-policy']), /default-src 'none'/);
});

test('a code that is not there has no page, and no other method gets one', async () => {
  for (const path of [
    '/.fairlead/errors/',
    '/.fairlead/errors/constructor',
    '/.fairlead/errors/a/b',
  ]) {
    assert.equal((await gateway.request(path)).statusCode, 404, path);
  }
  const posted = await gateway.request('/.fairlead/errors/no_route', { method: 'POST', body: '' });
  assert.equal(posted.statusCode, 405);
  assert.equal(posted.headers['allow'], 'GET, HEAD');
});

test('a person who is limited reads how long to wait', async () => {
  await bodyOf('/once');

  const page = await bodyOf('/once', NAVIGATION);

  assert.match(page, /<h1>Please wait (60 minutes|\d+ seconds)<\/h1>/);
});

test('the reason stays inside, until the policy makes it public, and from the next request on', async () => {
  const before = await bodyOf('/a%00b');
  const set = await readFile(join(gateway.directory, 'gateway.yaml'), 'utf8');
  const added = 'gateway:\n  errors: { detail: public }\n';
  await gateway.reload({ 'gateway.yaml': set.replace('gateway:\n', added) });
  const problem = JSON.parse(await bodyOf('/a%00b')) as Record<string, string>;
  const page = await bodyOf('/a%00b%3Cscript%3E', NAVIGATION);

  assert.doesNotMatch(before, /path\.invalid|remedy|reason/);
  assert.equal(problem['reason'], 'path.invalid');
  assert.match(problem['remedy']!, /plain form/);
  assert.match(page, /path\.invalid/);
  assert.doesNotMatch(page, /<script/);
});

async function bodyOf(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await gateway.request(path, { headers });
  return response.body.text();
}
