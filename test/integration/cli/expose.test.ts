import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HttpsClient } from '../../support/clients/https-client.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
const POLICIES = join(import.meta.dirname, '../../../policies');

let folder: string;
let application: Server;
let port: number;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-expose-test-'));
  application = createServer((request, response) => response.end(`hello from ${request.url}`));
  application.listen(0, '127.0.0.1');
  await once(application, 'listening');
  port = (application.address() as AddressInfo).port;
});

after(() => {
  application.close();
  rmSync(folder, { recursive: true });
});

const env = () => ({
  ...process.env,
  npm_lifecycle_event: undefined,
  XDG_DATA_HOME: join(folder, 'data'),
});

function fairlead(...args: string[]) {
  return fairleadWith({}, ...args);
}

function fairleadWith(variables: NodeJS.ProcessEnv, ...args: string[]) {
  const argv = ['--conditions=source', MAIN, ...args];
  const options = {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...env(), ...variables },
    cwd: folder,
  } as const;
  return spawnSync(process.execPath, argv, options);
}

test('expose serves an application at once, and the printed address and authority work', async () => {
  const argv = ['--conditions=source', MAIN, 'expose', String(port), '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, argv, { env: env() });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  try {
    await waitUntil('it serves', () => output.includes('Ctrl-C'), 20_000);
    const [, at] = /^serving {2}https:\/\/localhost:(\d+)\/$/m.exec(output)!;
    const [, caFile] = /^try {6}curl --cacert (\S+) https:\/\/localhost:\d+\/$/m.exec(output)!;
    const client = new HttpsClient(readFileSync(caFile!, 'utf8'));
    const { statusCode, body } = await client.request(Number(at), '/x', { host: 'localhost' });

    assert.deepEqual([statusCode, await body.text()], [200, 'hello from /x']);
    assert.equal(statSync(join(caFile!, '../ca.key')).mode & 0o777, 0o600);
    assert.equal(statSync(join(caFile!, '../tls.key')).mode & 0o777, 0o600);
  } finally {
    child.kill('SIGINT');
  }
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.equal(complaints, '');
});

test('expose --write leaves a policy that passes check and test, and is not overwritten', () => {
  const written = fairlead('expose', String(port), '--host', 'app.example.test', '--write', 'open');
  const checked = fairlead('check', 'open');
  const tested = fairlead('test', 'open', '--coverage');
  const again = fairlead('expose', String(port), '--write', 'open');

  assert.deepEqual([written.status, checked.status, tested.status], [0, 0, 0], checked.stdout);
  assert.match(written.stdout, /^wrote {2}open\/policy\.yaml\nnext {3}fairlead check open\n/);
  assert.equal(checked.stdout, 'ok: 1 host, 1 service, 0 providers\n');
  assert.match(tested.stdout, /Every route, path and provider is reached by a test\.\n\n1 passed/);
  assert.match(
    written.stdout,
    /\nthen {3}curl --cacert open\/certs\/ca\.crt --resolve app\.example\.test:8443:127\.0\.0\.1 https:\/\/app\.example\.test:8443\/\n$/m,
  );
  assert.notEqual(again.status, 0);
  assert.match(again.stderr, /open\/policy\.yaml is there already/);
  const [schema, kept] = [join(folder, 'open'), POLICIES].map((each) =>
    readFileSync(join(each, 'policy.schema.json'), 'utf8'),
  );
  assert.equal(schema, kept, 'the first line of the policy names it');
});

test('what was called by npx prints lines that begin with npx', () => {
  const byNpx = { npm_lifecycle_event: 'npx' };
  const { stdout } = fairleadWith(byNpx, 'expose', String(port), '--write', 'by-npx');

  assert.match(stdout, /^next {3}npx fairlead check by-npx\n {7}npx fairlead test by-npx\n/m);
});

test('with a login the policy asks for it, and the secret is a file of the owner', () => {
  writeFileSync(join(folder, 'client-secret'), 'a-secret-of-the-test\n');
  const login = ['--login', 'https://login.example.test', '--client-id', 'web'];
  const secret = ['--client-secret-file', 'client-secret'];
  const written = fairlead('expose', '3000', ...login, ...secret, '--write', 'closed');
  const tested = fairlead('test', 'closed', '--coverage');

  assert.equal(written.status, 0, written.stderr);
  assert.match(tested.stdout, /provider is reached by a test\.\n\n2 passed/);
  assert.equal(statSync(join(folder, 'closed/secrets/client')).mode & 0o777, 0o600);
  assert.ok(!readFileSync(join(folder, 'closed/policy.yaml'), 'utf8').includes('a-secret'));
});

for (const [what, args, complaint] of [
  [
    'a port that other machines reach without a login',
    ['3000', '--listen', '0.0.0.0:8443'],
    /--login, or --public/,
  ],
  ['a bare port to listen on', ['3000', '--listen', '8443'], /--login, or --public/],
  ['a routing key without a link', ['web:8080'], /--link must name a link file/],
  [
    'a link file that is not there',
    ['web:8080', '--link', 'no-such.json'],
    /there is no link file at "no-such.json"/,
  ],
  ['a login without its client', ['3000', '--login', 'https://login.example.test'], /--client-id/],
  ['an application on another machine', ['http://192.0.2.7:3000'], /address of this machine/],
  ['an address with a path', ['http://127.0.0.1:3000/app'], /without a path/],
] as const) {
  test(`refuses ${what}`, () => {
    const { status, stderr } = fairlead('expose', ...args, '--write', 'never');

    assert.notEqual(status, 0);
    assert.match(stderr, complaint);
    assert.equal(existsSync(join(folder, 'never')), false, 'nothing is half written');
  });
}

/** What a terminal shows behind each question: the cursor is put there. */
const ASKED = /: \p{Cc}\[\d+G/gu;

const NO_TERMINAL =
  spawnSync('script', ['--version']).status === 0 ? false : 'no script (util-linux) for a terminal';

test('on a terminal init asks five questions', { skip: NO_TERMINAL }, async () => {
  writeFileSync(join(folder, 'link.json'), '{}');
  const answers = ['web:8080', 'link.json', 'a.example.test', 'https://login.example.test', 'web'];
  const command = `${process.execPath} --conditions=source ${MAIN} init asked`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: env() });
  let shown = '';
  let asked = 0;
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const questions = [...shown.matchAll(ASKED)].length;
    for (; asked < questions; asked += 1) terminal.stdin.write(`${answers[asked] ?? ''}\n`);
  });

  const [code] = (await once(terminal, 'exit')) as [number];

  assert.deepEqual([code, asked], [0, answers.length], shown);
  const policy = readFileSync(join(folder, 'asked/policy.yaml'), 'utf8');
  for (const answer of answers.toSpliced(1, 1)) assert.ok(policy.includes(answer), answer);
});

test('init writes a policy from flags, and says what is missing where nobody can be asked', () => {
  const written = fairlead(
    'init',
    'begun',
    '--target',
    '3000',
    '--host',
    'a.example.test',
    '--login',
    '',
  );
  const checked = fairlead('check', 'begun');
  const missing = fairlead('init', 'nothing');

  assert.equal(written.status, 0, written.stderr);
  assert.equal(checked.status, 0, checked.stdout);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /--target is missing/);
});

test('certs dev makes certificates once, and another name makes a new one of the same authority', () => {
  const first = fairlead('certs', 'dev', 'app.localhost', '127.0.0.1', '--dir', 'made');
  const ca = readFileSync(join(folder, 'made/ca.crt'), 'utf8');
  const leaf = readFileSync(join(folder, 'made/tls.crt'), 'utf8');
  const second = fairlead('certs', 'dev', 'app.localhost', '--dir', 'made');
  const third = fairlead('certs', 'dev', 'other.localhost', '--dir', 'made');

  assert.match(first.stdout, /^made {3}made\/tls\.crt for app\.localhost, 127\.0\.0\.1\n/);
  assert.match(second.stdout, /^kept /);
  assert.match(third.stdout, /^made /);
  assert.equal(readFileSync(join(folder, 'made/ca.crt'), 'utf8'), ca);
  assert.notEqual(readFileSync(join(folder, 'made/tls.crt'), 'utf8'), leaf);
});
