import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../plugins/oidc/limits.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

test('a token endpoint that refuses every code is asked a few times, and then there is a page', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.tokenAnswer = (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":"invalid_grant"}');
  };
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/wanted');

  assert.equal(shown.status, 400);
  assert.match(shown.body, /oidc\.code_refused/);
  assert.match(shown.body, /<a class="button" href="\/wanted">Try again<\/a>/);
  assert.doesNotMatch(shown.body, /http-equiv="refresh"/);
  // The first attempt, and as many again.
  assert.equal(provider.tokenRequests.length, 1 + LIMITS.rounds);
});

test('a code that is refused once leads to a login, without a word', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  provider.tokenAnswer = (_request, response) => {
    provider.tokenAnswer = undefined;
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":"invalid_grant"}');
  };

  const shown = await new TestBrowser(replica).open('/wanted');

  assert.equal(shown.body, 'hello alice');
  assert.match(shown.url, /\/wanted$/);
});

test('whoever is logged in may log in anew as often as they like', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);

  for (let i = 0; i < 4; i += 1) {
    const shown = await browser.open('/.fairlead/corp/login?return_to=/page');

    assert.equal(shown.body, 'hello alice', shown.url);
    // Younger than the attempt that follows, or that one would count as served.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
});
