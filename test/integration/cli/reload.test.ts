import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatewayProcess, runFairlead } from '../../support/gateway/gateway-process.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';

const POLICY = `
services: { app: { via: tcp, host: 127.0.0.1, port: 1 } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`;
const TOKEN = 'a-token-of-the-operators';

test('fairlead reload has a gateway read its set again, and prints what is wrong with it', async () => {
  await using gateway = await GatewayProcess.start({
    policy: POLICY,
    gateway:
      'watch: off\nadmin: { listen: "127.0.0.1:0", auth: { tokens: ["${file:secrets/token}"] } }',
    files: { 'secrets/token': `${TOKEN}\n` },
    waitUntilReady: false,
  });
  const { directory, adminPort } = gateway;
  const at = ['reload', directory, '--admin', `127.0.0.1:${adminPort}`];
  const authorized = [...at, '--token-file', join(directory, 'secrets/token')];

  const refusedToken = await runFairlead(...at);
  await writeFiles(directory, { 'policy.yaml': POLICY.replace('public', 'public, body: 1KiB') });
  const taken = await runFairlead(...authorized);
  await writeFiles(directory, { 'policy.yaml': POLICY.replace('public', 'nobody') });
  const broken = await runFairlead(...authorized);
  const config = await fetch(`http://127.0.0.1:${adminPort}/-/config`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const shown = (await config.json()) as Record<string, unknown> & { running: object };

  assert.deepEqual([refusedToken.code, taken.code, broken.code], [2, 0, 1]);
  assert.match(refusedToken.errors, /asks for a token of gateway\.admin\.auth; name a file/);
  assert.equal(taken.output, 'Generation 2 is served.\n');
  assert.match(broken.errors, /error E201: .*\n[^]*The running policy was kept\.\n$/);
  assert.partialDeepStrictEqual(shown, {
    running: { generation: 2, files: ['gateway.yaml', 'policy.yaml'] },
    changes: ['changes app.example.test/**: body: 1024 octets, before: 10485760 octets'].map(
      (start) => (shown['changes'] as string[]).find((line) => line.startsWith(start))!,
    ),
  });
  assert.match(JSON.stringify(shown['refused']), /"errors":"[^"]*error E201/);
});
