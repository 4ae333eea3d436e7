import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import type {
  Endpoint,
  EndpointAnswer,
  EndpointRequest,
} from '../../../../../src/plugin/contract.ts';
import type { ReadAnswer } from '../../../../../src/plugin/host/kinds/endpoint-answer.ts';
import { AUTHENTICATOR } from '../../../../../src/plugin/host/kinds/authenticator.ts';
import { PluginInstance } from '../../../../../src/plugin/host/instance/plugin-instance.ts';
import type { PluginError } from '../../../../../src/plugin/host/call/guarded.ts';
import {
  pluginOf,
  recordedCapabilities,
  settingsOf,
  turns,
  viewOf,
} from '../../../../support/plugins/plugin-host.ts';

const REQUEST: EndpointRequest = {
  ...viewOf(),
  body: () => Promise.resolve(new Uint8Array()),
  look: undefined,
};
const exchange = (): AbortSignal => new AbortController().signal;

function endpoint(handle: Endpoint['handle']): Endpoint {
  return { method: 'GET', path: 'callback', csrf: 'none', handle };
}

async function started(endpoints: readonly Endpoint[] = []) {
  const capabilities = recordedCapabilities();
  const plugin = pluginOf(() => ({ authenticate: () => ({ kind: 'pass' }), endpoints }));
  const instance = new PluginInstance(AUTHENTICATOR, settingsOf(plugin), capabilities);
  await instance.start();
  return { instance, capabilities };
}

async function serve(answer: () => Promise<EndpointAnswer>) {
  const { instance } = await started();
  return await instance.calls.serve(endpoint(answer), REQUEST, exchange);
}

test('an answer is read whole, without cookies it wrote itself', async () => {
  const response = new Response('hello', { status: 201, headers: { 'set-cookie': 'a=b', x: 'y' } });

  const answer = (await serve(async () => ({ response, setCookies: [] }))) as ReadAnswer;

  assert.equal(answer.status, 201);
  assert.equal(Buffer.from(answer.body).toString(), 'hello');
  assert.deepEqual(
    answer.headers.filter((_field, at) => at % 2 === 0),
    ['content-type', 'x'],
  );
});

test('what is no answer is a failure of the plugin', async () => {
  const codes = [];
  const answers: unknown[] = [
    undefined,
    null,
    'text',
    {},
    { response: new Response(), setCookies: [{ name: 'a b', value: '' }] },
    { response: new Response(), setCookies: 'all' },
    Response.error(),
    new Response('x'.repeat(1024 * 1024 + 1)),
  ];
  for (const answer of answers) {
    const outcome = await serve(async () => answer as EndpointAnswer);
    codes.push('kind' in outcome ? outcome.kind : outcome);
  }

  assert.deepEqual(
    codes,
    answers.map(() => 'error'),
  );
});

test('an endpoint that does not answer is given up', async () => {
  const { instance, capabilities } = await started();
  const answer = instance.calls.serve(
    endpoint(() => new Promise(() => {})),
    REQUEST,
    exchange,
  );
  await turns();

  capabilities.clock.advance(DEADLINES.pluginEndpointMs);

  assert.equal(((await answer) as PluginError).reason.code, 'plugin.timeout');
});

test('failures of endpoints leave authentication alone', async () => {
  const { instance } = await started();
  const broken = endpoint(() => Promise.reject(new Error('no')));
  for (let i = 0; i < 5; i += 1) await instance.calls.serve(broken, REQUEST, exchange);

  const served = (await instance.calls.serve(broken, REQUEST, exchange)) as PluginError;
  const authenticated = await instance.calls.authenticate(viewOf(), exchange);

  assert.equal(served.reason.code, 'plugin.circuit_open');
  assert.equal(authenticated.kind, 'pass');
});

test('a provider that is not there has no endpoints to tell of', async () => {
  const { instance } = await started([endpoint(async () => new Response())]);
  assert.equal((instance.calls.endpoints() as readonly Endpoint[]).length, 1);

  await instance.close();

  assert.equal((instance.calls.endpoints() as PluginError).reason.code, 'plugin.closed');
});
