import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import type { RouterLink } from '../../../src/policy/snapshot/snapshot.ts';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';
import type { IssuedCertificate } from '../../support/tools/certificates.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { RouterNetwork } from '../../../src/network/router-network.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { linkResource, policyFolder, secretResource } from '../../support/policy/policy-files.ts';
import { issueRsa } from '../../support/tools/rsa-certificate.ts';
import { startStandin, type RunningStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

// What a site gives, as it gives it, up to an open router connection. This suite is about files and
// credentials, so the stand-in serves here whatever SKROUTERD says.

let router: RunningStandin;
let caPem: string;
let ec: IssuedCertificate;
let rsa: IssuedCertificate;

before(async () => {
  const ca = await makeCa('skupper-site-ca');
  const older = await makeCa('skupper-site-ca of last year');
  const { certPem, keyPem } = await issue(ca, { names: ['localhost', '127.0.0.1'] });
  router = await startStandin({ credentials: { cert: certPem, key: keyPem, ca: ca.certPem } });
  // Joined without a line break, as "cat" of files that lack the last one does it.
  caPem = `${older.certPem}${ca.certPem}`;
  ec = await issue(ca, { names: ['fairlead'], client: true });
  rsa = await issueRsa(ca, 'fairlead-rsa');
});

after(async () => {
  await router[Symbol.asyncDispose]();
});

/** Connects with what the set's one link gives; the state of each connection's end. */
async function joined(link: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const policy = `version: 1\nnetwork: { link: ${link} }\n`;
  const folder = await policyFolder({ 'policy.yaml': policy }, files);
  try {
    const options = { generation: 1, cwd: folder.root, env: {} };
    const set = await loadPolicySet(join(folder.root, 'policies'), options);
    if (set.kind === 'errors') throw new Error(formatIssues(set.issues, { format: 'text' }));
    return await connectedTo(set.snapshot.network!.links);
  } finally {
    await folder.remove();
  }
}

async function connectedTo(links: readonly RouterLink[]): Promise<string[]> {
  const network = new RouterNetwork({
    policy: {
      links,
      connections: 1,
      creditWaitMs: 3_000,
      openWaitMs: 3_000,
      backoff: { minMs: 20, maxMs: 100 },
      unackedLimitBytes: 1_000_000,
    },
    clock: systemClock,
    random: Math.random,
    log: () => {},
    containerId: 'joining',
    version: 'test',
  });
  network.start();
  const states = () => network.status().connections.map(({ link, state }) => `${link} ${state}`);
  try {
    await waitUntil('open', () => states().every((state) => state.endsWith('open')));
    return states();
  } finally {
    await network.close();
  }
}

function endpoint(name: string, group?: string): object {
  return { name, host: '127.0.0.1', port: String(router.link.port), ...(group && { group }) };
}

function documents(pair: IssuedCertificate, ...endpoints: object[]): string {
  return [linkResource('link-west', endpoints), secretResource('link-west', caPem, pair)]
    .map((resource) => stringify(resource))
    .join('---\n');
}

function folder(path: string, pair: IssuedCertificate): Record<string, string> {
  return {
    [`${path}/ca.crt`]: caPem,
    [`${path}/tls.crt`]: pair.certPem,
    [`${path}/tls.key`]: pair.keyPem,
  };
}

function withKeyAs(pair: IssuedCertificate, type: 'pkcs1' | 'sec1'): IssuedCertificate {
  const keyPem = createPrivateKey(pair.keyPem).export({ type, format: 'pem' });
  return { ...pair, keyPem };
}

test('joins with the output of "skupper link generate", keys in each form', async () => {
  const pkcs1 = withKeyAs(rsa, 'pkcs1');
  const sec1 = withKeyAs(ec, 'sec1');
  assert.match(pkcs1.keyPem, /BEGIN RSA PRIVATE KEY/);
  assert.match(sec1.keyPem, /BEGIN EC PRIVATE KEY/);

  for (const pair of [rsa, pkcs1, ec, sec1]) {
    const text = documents(pair, endpoint('inter-router'), endpoint('edge'));

    assert.deepEqual(await joined('link.txt', { 'link.txt': text }), ['link-west open']);
  }
});

test('serverName is the name that a router has in its certificate, whatever its address', async () => {
  const authority = await makeCa('of a router behind a balancer');
  const { certPem, keyPem } = await issue(authority, { names: ['router.example'] });
  const credentials = { cert: certPem, key: keyPem, ca: authority.certPem };
  await using named = await startStandin({ credentials });
  const { port } = named.link;
  const client = await issue(authority, { names: ['fairlead'], client: true });
  const files = { ...folder('at', client), 'at/ca.crt': authority.certPem };
  const link = `{ host: 127.0.0.1, port: ${port}, ca: at/ca.crt, cert: at/tls.crt, key: at/tls.key, serverName: router.example }`;

  assert.deepEqual(await joined(link, files), [`127.0.0.1:${port} open`]);
});

test('joins the routers of every endpoint group', async () => {
  const text = documents(ec, endpoint('edge', 'a'), endpoint('edge', 'b'));

  const states = await joined('link.txt', { 'link.txt': text });

  assert.deepEqual(states, ['link-west/a open', 'link-west/b open']);
});

test('joins with a Link whose credentials are a folder, and with a list in JSON', async () => {
  const link = linkResource('link-west', [endpoint('edge')]);
  const list = { kind: 'List', items: [secretResource('link-west', caPem, rsa), link] };

  const states = [
    await joined('join', { 'join/link.yaml': stringify(link), ...folder('join', rsa) }),
    await joined('link.json', { 'link.json': JSON.stringify(list) }),
  ];

  assert.deepEqual(states, [['link-west open'], ['link-west open']]);
});

test('joins with connect.json, its folder, and explicit fields', async () => {
  const { port } = router.link;
  const connect = JSON.stringify({
    scheme: 'amqps',
    host: '127.0.0.1',
    port: String(port),
    tls: { ca: '/etc/messaging/ca.crt', cert: '/etc/messaging/tls.crt', verify: true },
  });
  const files = {
    'skupper-local-client/connect.json': connect,
    ...folder('skupper-local-client', ec),
  };
  const at = 'skupper-local-client';
  const explicit = `{ host: 127.0.0.1, port: ${port}, ca: ${at}/ca.crt, cert: ${at}/tls.crt, key: ${at}/tls.key }`;

  const states = [
    await joined(at, files),
    await joined(`${at}/connect.json`, files),
    await joined(explicit, files),
  ];

  assert.deepEqual(states, [[`${at} open`], [`${at} open`], [`127.0.0.1:${port} open`]]);
});
