import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { readLink } from '../../../../src/network/links/link-file.ts';
import type { LinkFiles, LinkResult, LinkText } from '../../../../src/network/links/link-file.ts';
import { linkResource, secretResource } from '../../../support/policy/policy-files.ts';

const client = { certPem: 'CERT', keyPem: 'KEY' };
const secret = secretResource('link-west', 'CA', client);
const EDGE = { name: 'edge', host: 'west.example.com', port: '45671' };
const NORMAL = { name: 'normal', host: 'west.example.com', port: 20_002 };
const INTER_ROUTER = { name: 'inter-router', host: 'west.example.com', port: '55671' };

/** A disk of these files. */
function disk(files: Readonly<Record<string, string>>): LinkFiles {
  const read = (path: string): Promise<LinkText> => {
    const text = files[path];
    return Promise.resolve(
      text === undefined ? { kind: 'unread', reason: 'does not exist' } : { kind: 'text', text },
    );
  };
  return {
    read,
    readMaterial: read,
    list: (path) => {
      const names = Object.keys(files)
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1).split('/')[0]!);
      return Promise.resolve(names.length === 0 ? undefined : [...new Set(names)].sort());
    },
  };
}

function yamlOf(...resources: unknown[]): string {
  return resources.map((resource) => stringify(resource)).join('---\n');
}

async function read(text: string): Promise<LinkResult> {
  return readLink('/p/link.yaml', disk({ '/p/link.yaml': text }));
}

/** Name, host, port and credentials of each link, or the reason. */
function summary(result: LinkResult): unknown {
  if (result.kind === 'refused') return result.reason;
  return result.links.map(({ name, host, port, tls }) =>
    [name, host, port, tls.caPem, tls.certPem, tls.keyPem?.reveal()].join(' '),
  );
}

const WEST = ['link-west west.example.com 45671 CA CERT KEY'];

test('reads Secret and Link in either order, YAML or JSON, with extra keys', async () => {
  const link = linkResource('link-west', [INTER_ROUTER, EDGE]);
  const texts = [
    yamlOf(link, secret),
    yamlOf(secret, link, { kind: 'ConfigMap' }),
    JSON.stringify({ kind: 'List', items: [link, secret] }),
    `${JSON.stringify(link)}\n---\n${JSON.stringify(secret)}`,
    `${JSON.stringify(link, undefined, 4)}\n${JSON.stringify(secret, undefined, 4)}\n`,
    ` ${JSON.stringify(secret)}${JSON.stringify(link)}`,
    `${JSON.stringify({ kind: 'List', items: [link] })}\n${JSON.stringify([secret])}`,
    JSON.stringify([link, secret]),
    yamlOf([secret, link]),
  ];

  const results = await Promise.all(texts.map(read));

  for (const result of results) assert.deepEqual(summary(result), WEST);
});

test('prefers the normal endpoint over edge', async () => {
  const result = await read(yamlOf(linkResource('link-west', [EDGE, NORMAL]), secret));

  assert.deepEqual(summary(result), ['link-west west.example.com 20002 CA CERT KEY']);
});

test('makes a link of each Link and of each endpoint group', async () => {
  const grouped = [
    { ...EDGE, group: 'a' },
    { ...EDGE, host: 'b.example.com', group: 'b' },
  ];
  const second = {
    ...(linkResource('link-west-2', [EDGE]) as object),
    spec: { endpoints: [EDGE], tlsCredentials: 'link-west' },
  };

  const result = await read(yamlOf(linkResource('link-west', grouped), second, secret));

  assert.deepEqual(summary(result), [
    'link-west/a west.example.com 45671 CA CERT KEY',
    'link-west/b b.example.com 45671 CA CERT KEY',
    'link-west-2 west.example.com 45671 CA CERT KEY',
  ]);
});

test('refuses a link with only an inter-router endpoint', async () => {
  const result = await read(yamlOf(linkResource('link-west', [INTER_ROUTER]), secret));

  assert.ok(result.kind === 'refused' && result.isInterRouterOnly);
});

const FILES = { 'ca.crt': 'CA', 'tls.crt': 'CERT', 'tls.key': 'KEY' };

function folder(path: string): Record<string, string> {
  return Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`${path}/${name}`, text]));
}

test('takes credentials from the folder of the link, or from one named as its Secret', async () => {
  const link = yamlOf(linkResource('link-west', [EDGE]));
  const beside = disk({ '/p/link.yaml': link, ...folder('/p') });
  const below = disk({ '/p/link.yaml': link, ...folder('/p/link-west') });

  const results = [
    await readLink('/p/link.yaml', beside),
    await readLink('/p', beside),
    await readLink('/p/link.yaml', below),
  ];

  for (const result of results) assert.deepEqual(summary(result), WEST);
});

test('does not follow the name of a Secret out of its folder', async () => {
  const link = {
    ...(linkResource('x', [EDGE]) as object),
    spec: { endpoints: [EDGE], tlsCredentials: '../other' },
  };
  const files = disk({ '/p/link.yaml': yamlOf(link), ...folder('/other') });

  const result = await readLink('/p/link.yaml', files);

  assert.match(String(summary(result)), /has no ca\.crt, tls\.crt, tls\.key/);
});

const CONNECT = JSON.stringify({
  scheme: 'amqps',
  host: '127.0.0.1',
  port: '5672',
  tls: {
    ca: '/etc/messaging/ca.crt',
    cert: '/etc/messaging/tls.crt',
    key: '/etc/messaging/tls.key',
    verify: true,
  },
});

test('reads a connect.json and takes siblings where its paths do not exist', async () => {
  const files = disk({
    '/c/skupper-local-client/connect.json': CONNECT,
    ...folder('/c/skupper-local-client'),
  });

  const results = [
    await readLink('/c/skupper-local-client', files),
    await readLink('/c/skupper-local-client/connect.json', files),
  ];

  for (const result of results) {
    assert.deepEqual(summary(result), ['skupper-local-client 127.0.0.1 5672 CA CERT KEY']);
  }
});

test('takes the paths of a connect.json when they exist', async () => {
  const files = disk({ '/c/connect.json': CONNECT, ...folder('/etc/messaging') });

  const result = await readLink('/c/connect.json', files);

  assert.deepEqual(summary(result), ['c 127.0.0.1 5672 CA CERT KEY']);
});

test('says what a file holds instead of a Link', async () => {
  const reasons = await Promise.all(
    [
      yamlOf({ kind: 'AccessToken', spec: {} }),
      yamlOf({ kind: 'Site' }),
      'a: [',
      '',
      yamlOf(linkResource('link-west', []), secret),
      JSON.stringify({ scheme: 'amqp', host: 'h', port: '5672' }),
    ].map(async (text) => summary(await read(text))),
  );

  assert.match(String(reasons[0]), /AccessToken, which can be used only once/);
  assert.match(String(reasons[1]), /holds no Link, found Site/);
  assert.match(String(reasons[2]), /not well-formed/);
  assert.match(String(reasons[3]), /holds no Link/);
  assert.match(String(reasons[4]), /without endpoints/);
  assert.match(String(reasons[5]), /scheme "amqp", wanted "amqps"/);
});

test('says that a token of Skupper 1 is one', async () => {
  const labels = { 'skupper.io/type': 'connection-token' };
  const annotations = { 'edge-host': 'west.example.com', 'edge-port': '45671' };
  const token = { kind: 'Secret', metadata: { name: 'west', labels, annotations }, data: {} };

  const reason = String(summary(await read(yamlOf(token))));

  assert.match(reason, /holds no Link but a token of Skupper 1 .*connection-token/);
  assert.match(reason, /skupper link generate/);
});

test('names the Secret that a Link wants and the one that is there', async () => {
  const other = secretResource('link-east', 'CA', client);

  const reason = String(summary(await read(yamlOf(other, linkResource('link-west', [EDGE])))));

  assert.match(reason, /has no ca\.crt, tls\.crt, tls\.key/);
  assert.match(reason, /Link \(line \d+\) names the Secret link-west, found the Secret link-east/);
});

test('says why a link file cannot be read', async () => {
  const result = await readLink('/p/none.yaml', disk({}));

  assert.equal(summary(result), 'does not exist');
});

test('gives the place of a fault, also behind other JSON values and in one file of a folder', async () => {
  const link = JSON.stringify(linkResource('link-west', [EDGE]), undefined, 2);
  const lines = link.split('\n').length;
  const broken = `${link}\n{ "kind": "Secret", "data": { "ca.crt": ] } }\n`;
  const noEndpoints = `${link}\n`.replace(/"endpoints": \[[^\]]*\]/, '"endpoints": []');

  const inFile = String(summary(await read(broken)));
  const inFolder = await readLink('/d', disk({ '/d/a.json': link, '/d/b.yaml': 'a: [\n' }));
  const empty = String(summary(await read(`{"kind":"Site"}\n\n${noEndpoints}`)));

  assert.match(inFile, new RegExp(`^is not well-formed .*\\(line ${lines + 1}, column 41: `));
  assert.match(String(summary(inFolder)), /^holds b\.yaml, which is not well-formed .*\(line 2, /);
  assert.equal(empty, 'holds a Link without endpoints (line 3)');
});

test('a folder of certificates alone does not say where the router is', async () => {
  const result = await readLink('/c', disk(folder('/c')));

  assert.match(String(summary(result)), /the host is not known/);
});

test('names the keys that a Secret lacks', async () => {
  const lacking = { kind: 'Secret', metadata: { name: 'link-west' }, data: { 'ca.crt': 'Q0E=' } };

  const result = await read(yamlOf(linkResource('link-west', [EDGE]), lacking));

  assert.match(String(summary(result)), /has no tls\.crt, tls\.key/);
});

test('no file whatever makes it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      const result = await read(text);

      assert.ok(result.kind === 'refused' || result.links.length > 0);
    }),
    { numRuns: 300 },
  );
});
