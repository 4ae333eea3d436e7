import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import { stringify } from 'yaml';
import { systemClock } from '../../../src/app/system-clock.ts';
import { parseAccessToken } from '../../../src/network/links/redeem/access-token.ts';
import { redeemToken } from '../../../src/network/links/redeem/redeem-token.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { GrantServer } from '../../support/routers/grant-server.ts';
import { linkResource, secretResource } from '../../support/policy/policy-files.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const EDGE = { name: 'edge', host: 'west.example.com', port: '45671' };
const GRANTED = [
  secretResource('west-8d2f', 'CA', { certPem: 'CERT', keyPem: 'KEY' }),
  linkResource('west-8d2f', [
    { name: 'inter-router', host: 'west.example.com', port: '55671' },
    EDGE,
  ]),
]
  .map((resource) => stringify(resource))
  .join('---\n');

let grants: GrantServer;
let folder: string;

beforeEach(async () => {
  grants = await GrantServer.start();
  folder = await mkdtemp(join(tmpdir(), 'fairlead-redeem-'));
});

afterEach(async () => {
  await grants[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The program itself, in the folder. */
async function fairlead(...args: string[]) {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, 'redeem', ...args], {
    cwd: folder,
  });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  return { code: child.exitCode, out, errors };
}

async function redeem(token: string, clock = systemClock) {
  const parsed = parseAccessToken(token);
  assert.ok(parsed.kind === 'token', parsed.kind === 'refused' ? parsed.reason : '');
  return redeemToken({ token: parsed.token, subject: 'gateway', clock });
}

test('posts the bare code with name and subject, and writes the link file for its owner only', async () => {
  grants.answer = { status: 200, body: GRANTED };
  await writeFile(join(folder, 'token.yaml'), grants.token());

  const done = await fairlead('token.yaml');

  assert.equal(done.code, 0, done.errors);
  assert.match(done.out, /link\.yaml leads to west\.example\.com:45671/);
  const subject = (await readFile(join(folder, 'gateway-id'), 'utf8')).trim();
  assert.deepEqual(grants.requests, [
    {
      method: 'POST',
      path: '/3f0c',
      name: 'west-8d2f',
      subject,
      body: 'mJ1xwVz2',
      tls: 'TLSv1.3',
    },
  ]);
  assert.equal(await readFile(join(folder, 'link.yaml'), 'utf8'), GRANTED);
  assert.equal((await stat(join(folder, 'link.yaml'))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['gateway-id', 'link.yaml', 'token.yaml']);
});

test('keeps its name for the next token, and asks nothing while a link file is in the way', async () => {
  grants.answer = { status: 200, body: GRANTED };
  await writeFile(join(folder, 'token.yaml'), grants.token());
  await fairlead('token.yaml');

  const inTheWay = await fairlead('token.yaml');
  const replaced = await fairlead('token.yaml', '--force');

  assert.equal(inTheWay.code, 1);
  assert.match(inTheWay.errors, /link\.yaml exists; name another with --output/);
  assert.equal(replaced.code, 0, replaced.errors);
  assert.equal(grants.requests.length, 2);
  assert.equal(grants.requests[0]!.subject, grants.requests[1]!.subject);
});

test('leaves nothing but its name when the token is refused', async () => {
  await writeFile(join(folder, 'token.yaml'), grants.token());

  const done = await fairlead('token.yaml');

  assert.equal(done.code, 1);
  assert.match(done.errors, /used up: a token works once/);
  assert.deepEqual(await readdir(folder), ['gateway-id', 'token.yaml']);
});

test('says what each status means', async () => {
  const told = new Map<number, string>();
  for (const status of [307, 400, 403, 404, 405, 418, 500, 503]) {
    grants.answer = { status, body: 'why\u001b[31m', headers: { location: 'https://localhost/x' } };
    const result = await redeem(grants.token());
    told.set(status, result.kind === 'refused' ? result.sentence : 'redeemed');
  }

  assert.match(told.get(307)!, /redirect, which is not followed/);
  assert.match(told.get(400)!, /could not read the request/);
  assert.match(told.get(403)!, /code does not belong to this grant/);
  assert.match(told.get(404)!, /unknown, has expired, or is used up/);
  assert.match(told.get(405)!, /does not lead to a grant server/);
  assert.match(told.get(418)!, /Skupper does not define/);
  assert.match(told.get(500)!, /counts as a use/);
  assert.match(told.get(503)!, /try again.* \(status 503\. It said: "why\[31m"\)/);
  assert.equal(grants.requests.length, 8);
});

test('trusts only the authority of the token', async () => {
  await using other = await GrantServer.start();
  const token = grants.token({ ca: caOf(other) });

  const result = await redeem(token);

  assert.match(
    sentenceOf(result),
    /could not be asked: it showed a certificate issued by CN=skupper-grant-server-ca, wanted one by the token's authority, .* of the same name but with another key; issue a new token \([A-Z_]+\)\.$/,
  );
  assert.equal(grants.requests.length, 0);
});

test('says which name a certificate has and which was wanted', async () => {
  await using elsewhere = await GrantServer.start('TLSv1.3', ['grants.example.com', '10.0.0.9']);

  const result = await redeem(elsewhere.token());

  assert.match(
    sentenceOf(result),
    /it showed a certificate for DNS:grants\.example\.com, IP Address:10\.0\.0\.9, wanted one for localhost /,
  );
  assert.equal(elsewhere.requests.length, 0);
});

test('says that nothing listens', async () => {
  const { url } = grants;
  const token = grants.token();
  await grants[Symbol.asyncDispose]();

  const result = await redeem(token);

  assert.match(sentenceOf(result), new RegExp(`at ${new URL(url).host} .*: nothing listens there`));
  grants = await GrantServer.start();
});

test('makes the folder of the link file, for its owner only', async () => {
  grants.answer = { status: 200, body: GRANTED };
  await writeFile(join(folder, 'token.yaml'), grants.token());

  const done = await fairlead('token.yaml', '--output', 'deep/secrets/link.yaml');

  assert.equal(done.code, 0, done.errors);
  assert.equal((await stat(join(folder, 'deep/secrets'))).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(join(folder, 'deep/secrets')), ['gateway-id', 'link.yaml']);
});

test('does not speak to a server that has only TLS 1.2', async () => {
  await using old = await GrantServer.start('TLSv1.2');

  const result = await redeem(old.token());

  assert.match(sentenceOf(result), /could not be asked: TLS 1\.3 was not agreed on \(/);
  assert.equal(old.requests.length, 0);
});

test('gives up after ten seconds without an answer', async () => {
  const clock = new FakeClock();
  grants.answer = 'none';
  const asked = redeem(grants.token(), clock);
  await waitUntil('the request', () => grants.requests.length === 1);

  clock.advance(10_000);
  const result = await asked;

  assert.ok(result.kind === 'refused' && /no answer within 10000 ms/.test(result.sentence));
});

function sentenceOf(result: Awaited<ReturnType<typeof redeemToken>>): string {
  return result.kind === 'refused' ? result.sentence : 'redeemed';
}

function caOf(server: GrantServer): string {
  const parsed = parseAccessToken(server.token());
  return parsed.kind === 'token' ? parsed.token.caPem : '';
}
