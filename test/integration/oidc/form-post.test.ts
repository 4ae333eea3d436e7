import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import type { Step } from '../../support/oidc/test-browser.ts';
import { assertRefused, at } from '../../support/oidc/endpoint.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

async function scene() {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await MisbehavingProvider.start());
  const options = optionsFor(provider.url, { responseMode: 'form_post' });
  const replica = stack.use(await Replica.start(options));
  const browser = new TestBrowser(replica);
  return { provider, replica, browser, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Goes on until the provider's form would be sent; gives what would be sent. */
async function formOf(browser: TestBrowser, path: string): Promise<Step> {
  let form: Step | undefined;
  browser.onStep = (step) => {
    if (step.method === 'POST') form = step;
    return form === undefined;
  };
  await browser.open(path);
  browser.onStep = () => true;
  assert.ok(form !== undefined);
  return form;
}

/** Sends the form; gives the address of ours that it leads to. */
async function posted(browser: TestBrowser, form: Step): Promise<string> {
  const response = await browser.send(form);
  assert.equal(response.status, 303);
  return new URL(response.headers.get('location')!, APP_ORIGIN).href;
}

test('form_post: a second login ends the session before it', async () => {
  await using it = await scene();
  await it.browser.open('/');
  const first = it.browser.cookies.get('__Host-fairlead-corp.session')!.value;

  const shown = await it.browser.open('/.fairlead/corp/login?return_to=/next');

  assert.equal(shown.url, `${APP_ORIGIN}/next`);
  assert.notEqual(it.browser.cookies.get('__Host-fairlead-corp.session')!.value, first);
  assert.equal(it.replica.cluster.sessions.count, 1);
});

test('form_post: tabs that log in together redeem one code', async () => {
  await using it = await scene();
  await it.browser.send({ url: `${APP_ORIGIN}/` });
  const forms = [];
  for (let tab = 0; tab < 5; tab += 1) forms.push(await formOf(it.browser, `/tab/${tab}`));

  const shown = [];
  for (const form of forms) shown.push(await it.browser.open(form.url, form));

  assert.deepEqual(
    shown.map(({ url, body }) => [url, body]),
    forms.map((_form, tab) => [`${APP_ORIGIN}/tab/${tab}`, 'hello alice']),
  );
  assert.equal(it.provider.tokenRequests.length, 1);
  assert.equal(it.replica.cluster.sessions.count, 1);
});

test('form_post: the answer goes on sealed, in an address of ours, and nothing has happened yet', async () => {
  await using it = await scene();
  const form = await formOf(it.browser, '/');
  const code = new URLSearchParams(form.body).get('code')!;

  const address = await posted(it.browser, form);

  const { origin, pathname, searchParams } = new URL(address);
  assert.equal(`${origin}${pathname}`, at('callback'));
  assert.deepEqual([...searchParams.keys()], ['posted']);
  assert.ok(!address.includes(code));
  assert.equal(it.provider.tokenRequests.length, 0);
});

test('form_post: what another browser posts, or is given to open, is refused', async () => {
  await using it = await scene();
  const form = await formOf(it.browser, '/');
  const victim = new TestBrowser(it.replica);
  await victim.send({ url: `${APP_ORIGIN}/` });
  victim.onStep = () => false;

  const sent = await victim.open(form.url, form);
  const opened = await victim.open(await posted(it.browser, form));
  const stranger = await new TestBrowser(it.replica).open(await posted(it.browser, form));

  assert.match(sent.body, /oidc\.other_browser/);
  assert.match(opened.body, /oidc\.other_browser/);
  assert.match(stranger.body, /oidc\.cookie_blocked/);
  for (const shown of [sent, opened, stranger]) assertRefused(shown);
  assert.equal(it.provider.tokenRequests.length, 0);
});

test('form_post: an answer works once, and is no state, nor a state an answer', async () => {
  await using it = await scene();
  const form = await formOf(it.browser, '/');
  const address = await posted(it.browser, form);
  const state = new URLSearchParams(form.body).get('state')!;
  const sealed = new URL(address).searchParams.get('posted')!;
  await it.browser.open(address);
  it.browser.cookies.delete('__Host-fairlead-corp.session');
  it.browser.onStep = () => false;

  const again = await it.browser.open(address);
  const stateAsAnswer = await it.browser.open(at(`callback?posted=${state}`));
  const body = new URLSearchParams({ state: sealed, code: 'c' }).toString();
  const answerAsState = await it.browser.open(at('callback'), { ...form, body });

  assert.match(again.body, /oidc\.state_spent/);
  assert.match(stateAsAnswer.body, /oidc\.parameters/);
  assert.match(answerAsState.body, /oidc\.state_unknown/);
  assert.equal(it.provider.tokenRequests.length, 1);
});

test('form_post: an answer that makes too long an address is refused, not cut', async () => {
  await using it = await scene();
  it.provider.callback = (honest) => {
    honest.set('code', 'c'.repeat(4000));
    honest.set('session_state', 's'.repeat(4000));
    return honest;
  };

  const shown = await it.browser.open('/');

  assertRefused(shown);
  assert.match(shown.body, /oidc\.parameters/);
});
