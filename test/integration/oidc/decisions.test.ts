import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionRecord } from '../../../src/record/record.ts';
import { Application } from '../../support/applications/application.ts';
import { closedPort } from '../../support/applications/backend.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import {
  GATEWAY_ORIGIN,
  loginPolicy,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const NAVIGATION = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

test('the id of a login that cannot begin leads to log line, access line and decision', async () => {
  await using application = await Application.start();
  const url = `http://127.0.0.1:${await closedPort()}`;
  await using gateway = await TestGateway.start({
    ...loginPolicy(application, { url }),
    waitUntilReady: false,
  });
  await waitUntil('the provider was asked in vain', () =>
    gateway.lines.join().includes('discovery'),
  );

  const answer = await gateway.request('/', { headers: NAVIGATION });

  const page = await answer.body.text();
  assert.equal(answer.statusCode, 503, page);
  const id = idOn(page);
  assert.equal(answer.headers['fairlead-decision'], `deny;reason="provider_failed";id="${id}"`);
  assert.equal(accessLine(gateway, id)['reason'], 'oidc.provider_down');
  assert.match(logLine(gateway, id), /login not started: oidc\.provider_down/);
  const record = await decisionOf(gateway, id);
  assert.deepEqual([record.gate, record.reason?.code], ['authenticate', 'oidc.provider_down']);
  assert.deepEqual(
    record.providers.map(({ provider: name, said }) => [name, said]),
    [['corp', 'pass']],
  );
});

test('the id of a callback that fails leads to log line, access line and decision', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);

  const answer = await gateway.request('/.fairlead/corp/callback?state=s3cret-state&code=s3cret', {
    headers: NAVIGATION,
  });

  const page = await answer.body.text();
  const id = idOn(page);
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.headers['fairlead-decision'], `deny;reason="oidc.state_unknown";id="${id}"`);
  assert.equal(accessLine(gateway, id)['reason'], 'oidc.state_unknown');
  assert.match(logLine(gateway, id), /login failed: oidc\.state_unknown/);
  const record = await decisionOf(gateway, id);
  assert.deepEqual(
    [record.gate, record.outcome, record.status, record.code],
    ['own-page', 'refused', 400, 'oidc.state_unknown'],
  );
  assert.ok(!JSON.stringify(record).includes('s3cret'));
});

test('the page of a redirect that was stopped names the request that wanted the login', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const first = '01KB4R7Q9ZC2M8XW5TN3VHEJ6D';
  const at = '/.fairlead/corp/problem?reason=login_host&request=';

  const good = await (await gateway.request(`${at}${first}`)).body.text();
  const forged = await (await gateway.request(`${at}not-an-id`)).body.text();

  assert.match(String(accessLine(gateway, idOn(good))['reason_detail']), new RegExp(first));
  assert.equal(accessLine(gateway, idOn(forged))['reason_detail'], undefined);
  assert.equal(accessLine(gateway, idOn(forged))['reason'], 'oidc.login_host');
});

function idOn(page: string): string {
  const id = /<dt>Request id<\/dt><dd><code class="id">([0-9A-Z]{26})</.exec(page)?.[1];
  assert.ok(id !== undefined, page);
  return id;
}

function accessLine({ records }: TestGateway, id: string) {
  const line = records.find((each) => each['id'] === id);
  assert.ok(line !== undefined, id);
  return line;
}

function logLine({ lines }: TestGateway, id: string): string {
  return lines.find((each) => (JSON.parse(each) as { request?: string }).request === id) ?? '';
}

async function decisionOf({ gateway }: TestGateway, id: string): Promise<DecisionRecord> {
  const response = await fetch(`http://127.0.0.1:${gateway.adminPort}/-/decisions/${id}`);
  assert.equal(response.status, 200);
  return (await response.json()) as DecisionRecord;
}
