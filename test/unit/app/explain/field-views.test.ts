import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPolicySet } from '../../../../src/app/load/load-policy-set.ts';
import { evaluateDescribed } from '../../../../src/app/policy-tests/described-evaluation.ts';
import { describedProviders } from '../../../../src/app/policy-tests/described-providers.ts';
import {
  responseView,
  removedFromRequest,
  writtenForApplication,
} from '../../../../src/app/explain/field-views.ts';
import type { FieldName } from '../../../../src/app/explain/explanation.ts';
import { describedRequest } from '../../../../src/evaluate/described-request.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { makePolicyFiles, policyFolder } from '../../../support/policy/policy-files.ts';

const POLICY = `version: 1
gateway: { certificates: [certs/app], defaults: { headers: { preset: web } } }
services: { app: http://127.0.0.1:3000 }
providers: { api: { plugin: jwt, issuer: https://login.example.com, audience: app } }
tenants: { id: identity.claims.org }
routes:
  app:
    host: app.example.com
    service: app
    auth: api
    headers:
      identity: { X-Org: tenant.id }
      request: { set: { X-User: "{identity.claims.name}" }, add: { x-tag: [a, b] }, remove: [X-Debug] }
      response: { set: { x-frame-options: DENY, x-for: "{identity.subject}" }, remove: [server] }
    paths:
      /fixed: { respond: { body: fixed }, headers: { preset: off } }
`;

/** Lines for a request of `ada`, with line and column of each in the policy. */
async function linesFor(path: string): Promise<readonly string[]> {
  const files = await makePolicyFiles();
  const certificates = Object.entries(files).filter(([name]) => name.startsWith('certs/app'));
  const folder = await policyFolder({ 'p.yaml': POLICY }, Object.fromEntries(certificates));
  const at = { generation: 1, cwd: folder.root, env: {} };
  const set = await loadPolicySet(`${folder.root}/policies`, at);
  await folder.remove();
  assert.ok(set.kind === 'ok', JSON.stringify(set.kind === 'errors' && set.issues));
  const clock = new FakeClock();
  const { snapshot } = set;
  const claims = { sub: 'ada', org: 'acme', name: 'Zoë' };
  const { decision } = await evaluateDescribed(
    describedRequest({
      url: new URL(`https://app.example.com${path}`),
      method: 'GET',
      headers: [],
      peerAddress: '192.0.2.1',
      trustedProxies: undefined,
      nowMs: 0,
    }),
    { snapshot, providers: describedProviders(['api'], claims, 0), clock },
  );
  assert.ok(decision.kind === 'allow' || decision.kind === 'respond', decision.kind);
  const { rule } = decision.match;
  const fields = decision.kind === 'allow' ? decision.requestFields : [];
  const { headers, without, unlessSet } = responseView(decision)!;
  return [
    ...writtenForApplication(fields, rule).map(lineOf('header')),
    ...removedFromRequest(rule).map(lineOf('header without')),
    ...headers.map(lineOf('response')),
    ...without.map(lineOf('response without')),
    ...unlessSet.map(lineOf('unless set')),
  ];
}

const lineOf = (label: string) => (view: FieldName & { readonly value?: string }) =>
  [label, view.value === undefined ? view.name : `${view.name}: ${view.value}`, view.at]
    .join(' ')
    .replace('policies/p.yaml:', '');

test('tells what the application gets and the client gets, and where each is written', async () => {
  assert.deepEqual(await linesFor('/'), [
    'header x-org: acme 12:19',
    "header x-user*: UTF-8''Zo%C3%AB 13:25",
    'header x-tag: a 13:68',
    'header x-tag: b 13:68',
    'header without x-debug 13:94',
    'response x-frame-options: DENY 14:26',
    'response x-for: ada 14:49',
    'response without server 14:89',
    'unless set x-content-type-options: nosniff 2:62',
    'unless set referrer-policy: strict-origin-when-cross-origin 2:62',
    'unless set permissions-policy: camera=(), geolocation=(), microphone=() 2:62',
    'unless set cross-origin-opener-policy: same-origin-allow-popups 2:62',
    'unless set cross-origin-resource-policy: same-site 2:62',
  ]);
});

test('tells the same of an answer of the policy, without a preset where it is off', async () => {
  assert.deepEqual(await linesFor('/fixed'), [
    'header without x-debug 13:94',
    'response x-frame-options: DENY 14:26',
    'response x-for: ada 14:49',
    'response without server 14:89',
  ]);
});
