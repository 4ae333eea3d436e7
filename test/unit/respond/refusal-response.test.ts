import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValues, firstField } from '../../../src/core/header-list.ts';
import { refuse } from '../../../src/core/refusal.ts';
import { refusalResponse } from '../../../src/respond/refusal-response.ts';
import type { RefusalContext } from '../../../src/respond/refusal-response.ts';

const NAVIGATION = ['accept', 'text/html,application/xhtml+xml,*/*;q=0.8'];

test('answers problem+json with code, sentence and id', () => {
  const response = refusalResponse(refuse('no_route'), context());

  assert.equal(response.status, 404);
  assert.equal(firstField(response.headers, 'content-type'), 'application/problem+json');
  assert.deepEqual(json(response.body), {
    type: '/.fairlead/errors/no_route',
    title: 'Not Found',
    status: 404,
    detail: 'Nothing was found at this address.',
    code: 'no_route',
    id: '01J',
  });
  assert.equal(response.length, response.body.length);
});

test('carries the decision as a structured field and forbids storing', () => {
  const { headers } = refusalResponse(refuse('forbidden'), context());

  assert.equal(firstField(headers, 'fairlead-decision'), 'deny;reason="forbidden";id="01J"');
  assert.equal(firstField(headers, 'cache-control'), 'no-store');
  assert.equal(firstField(headers, 'date'), 'Thu, 01 Jan 2026 00:00:00 GMT');
});

test('never tells the reason', () => {
  for (const requestHeaders of [[], NAVIGATION]) {
    const reason = { code: 'jwt.audience', detail: 'token has aud "other"' };
    const refusal = refuse('credential_rejected', { reason });

    const response = refusalResponse(refusal, context({ requestHeaders }));

    const all = `${response.headers.join()} ${new TextDecoder().decode(response.body)}`;
    assert.doesNotMatch(all, /jwt\.audience|other/);
  }
});

test('passes on every field of the refusal, repeated ones apart', () => {
  const headers = ['www-authenticate', 'Bearer', 'www-authenticate', 'Basic realm="x"'];

  const response = refusalResponse(refuse('authentication_required', { headers }), context());

  assert.deepEqual(fieldValues(response.headers, 'www-authenticate'), [
    'Bearer',
    'Basic realm="x"',
  ]);
});

test('adds members to the problem, but lets none replace its own', () => {
  const members = { limit: 'tiers.free.rate', code: 'other', status: 200 };

  const { body } = refusalResponse(refuse('rate_limited', { members }), context());

  const problem = json(body);
  assert.equal(problem.limit, 'tiers.free.rate');
  assert.equal(problem.code, 'rate_limited');
  assert.equal(problem.status, 429);
});

test('says when to come back with every 503, once', () => {
  const plain = refusalResponse(refuse('provider_failed'), context());
  const own = refusalResponse(
    refuse('provider_failed', { headers: ['Retry-After', '30'] }),
    context(),
  );

  assert.deepEqual(fieldValues(plain.headers, 'retry-after'), ['5']);
  assert.deepEqual(fieldValues(own.headers, 'retry-after'), ['30']);
});

test('tells reason and remedy where the policy makes them public, escaped', () => {
  const reason = { code: 'jwt.audience', detail: 'token has aud "<b>other</b>"' };
  const refusal = refuse('credential_rejected', { reason });
  const errors = { isDetailPublic: true };

  const problem = json(refusalResponse(refusal, context({ errors })).body);
  const page = text(refusalResponse(refusal, context({ errors, requestHeaders: NAVIGATION })));

  assert.equal(problem.reason, 'jwt.audience');
  assert.equal(problem.why, 'token has aud "<b>other</b>"');
  assert.match(String(problem.remedy), /Get a new credential/);
  assert.match(page, /jwt\.audience<\/code> token has aud &quot;&lt;b&gt;other/);
  assert.match(page, /Get a new credential/);
});

for (const [seconds, words] of [
  ['1', '1 second'],
  ['12', '12 seconds'],
  ['121', '3 minutes'],
  ['7201', '3 hours'],
] as const) {
  test(`says in words to wait ${words}, on pages and in problems`, () => {
    const refusal = refuse('rate_limited', { headers: ['retry-after', seconds] });

    const problem = json(refusalResponse(refusal, context()).body);
    const page = text(refusalResponse(refusal, context({ requestHeaders: NAVIGATION })));

    assert.equal(problem.retry, `Wait ${words}, then try again.`);
    assert.match(page, new RegExp(`<h1>Please wait ${words}</h1>`));
  });
}

test('says nothing of a wait that the answer does not know', () => {
  for (const headers of [[], ['retry-after', 'Thu, 01 Jan 2026 00:00:00 GMT']]) {
    const { body } = refusalResponse(refuse('no_route', { headers }), context());

    assert.equal(json(body).retry, undefined);
  }
});

test('the type of a problem and the code on a page lead to the page of the code', () => {
  const refusal = refuse('forbidden');
  const page = text(refusalResponse(refusal, context({ requestHeaders: NAVIGATION })));

  assert.equal(json(refusalResponse(refusal, context()).body).type, '/.fairlead/errors/forbidden');
  assert.match(page, /<a href="\/\.fairlead\/errors\/forbidden"><code>forbidden \(403\)/);
});

test('answers HEAD without a body but with its length', () => {
  const get = refusalResponse(refuse('no_route'), context());
  const head = refusalResponse(refuse('no_route'), context({ method: 'HEAD' }));

  assert.equal(head.bodyless, true);
  assert.equal(head.body.length, 0);
  assert.equal(head.length, get.length);
});

test('sends HSTS only where the caller gives a value', () => {
  const https = refusalResponse(refuse('no_route'), context({ hsts: 'max-age=31536000' }));
  const http = refusalResponse(refuse('no_route'), context());

  assert.equal(firstField(https.headers, 'strict-transport-security'), 'max-age=31536000');
  assert.equal(firstField(http.headers, 'strict-transport-security'), undefined);
});

test('asks for the connection to be closed when the refusal does', () => {
  const refusal = refuse('ambiguous_framing', { closeConnection: true });

  assert.equal(refusalResponse(refusal, context({ method: undefined })).closeConnection, true);
  assert.equal(refusalResponse(refuse('no_route'), context()).closeConnection, false);
});

test('shows a browser a page without scripts, all text escaped', () => {
  const refusal = { ...refuse('no_route'), sentence: '<script>"&\'' };

  const response = refusalResponse(refusal, context({ requestHeaders: NAVIGATION }));

  const page = new TextDecoder().decode(response.body);
  assert.equal(firstField(response.headers, 'content-type'), 'text/html; charset=utf-8');
  assert.match(firstField(response.headers, 'content-security-policy')!, /default-src 'none'/);
  assert.match(page, /&lt;script&gt;&quot;&amp;&#39;/);
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /01J/);
});

const API_REQUESTS: readonly (readonly [method: string, accept: string])[] = [
  ['GET', '*/*'],
  ['GET', 'application/json, text/html'],
  ['GET', 'application/problem+json, text/html;q=0.5'],
  ['GET', 'text/htmlx'],
  ['POST', 'text/html'],
];

for (const [method, accept] of API_REQUESTS) {
  test(`answers JSON to ${method} with Accept: ${accept}`, () => {
    const { headers } = refusalResponse(
      refuse('no_route'),
      context({ method, requestHeaders: ['Accept', accept] }),
    );

    assert.equal(firstField(headers, 'content-type'), 'application/problem+json');
  });
}

function context(overrides: Partial<RefusalContext> = {}): RefusalContext {
  return {
    exchangeId: '01J',
    method: 'GET',
    requestHeaders: [],
    hsts: undefined,
    nowMs: Date.UTC(2026, 0, 1),
    errors: { isDetailPublic: false },
    pages: undefined,
    ...overrides,
  };
}

function text({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

function json(body: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
}
