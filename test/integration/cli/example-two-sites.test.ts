import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

// The router configurations of the example run in test/integration/faults.

const EXAMPLE = new URL('../../../examples/skupper-two-sites/', import.meta.url);

test('the policy of examples/skupper-two-sites is good and names three entry routers', async () => {
  const root = await mkdtemp(join(tmpdir(), 'fairlead-example-'));
  const ca = await makeCa();
  const client = await issue(ca, { names: ['fairlead'], client: true });
  const server = await issue(ca, { names: ['localhost'] });
  await mkdir(join(root, 'certificates/gateway'), { recursive: true });
  await mkdir(join(root, 'policies'));
  const policy = await readFile(new URL('policies/web.yaml', EXAMPLE), 'utf8');
  const files = {
    'policies/web.yaml': policy
      .replaceAll(' /certificates', ` ${root}/certificates`)
      .replaceAll('[/certificates', `[${root}/certificates`),
    'certificates/ca.crt': ca.certPem,
    'certificates/client.crt': client.certPem,
    'certificates/client.key': client.keyPem,
    'certificates/gateway/tls.crt': server.certPem,
    'certificates/gateway/tls.key': server.keyPem,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);

  const set = await loadPolicySet(join(root, 'policies'), { generation: 1, cwd: root, env: {} });
  await rm(root, { recursive: true });

  assert.equal(
    set.kind,
    'ok',
    set.kind === 'errors' ? formatIssues(set.issues, { format: 'text' }) : '',
  );
  const links = set.kind === 'ok' ? set.snapshot.network?.links : [];
  assert.deepEqual(
    links?.map(({ name }) => name),
    ['router-a:45671', 'router-a2:20002', 'router-e:20002'],
  );
});
