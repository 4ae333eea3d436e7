import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFolder } from '../../support/policy/load-folder.ts';
import { makePolicyFiles } from '../../support/policy/policy-files.ts';

const ROUTES = 10_000;
const ROUTES_A_FILE = 500;
/** Processor time, whatever else the machine does. A check that looks at every pair of routes takes minutes. */
const MAX_CPU_MS = 10_000;

function routesOf(file: number): string {
  const lines = Array.from({ length: ROUTES_A_FILE }, (_, index) => {
    const name = `r${file * ROUTES_A_FILE + index}`;
    return `  ${name}: { host: ${name}.example.com, service: web, auth: public, use: [large], paths: { /a/**: { body: 1MiB } } }`;
  });
  return `routes:\n${lines.join('\n')}\n`;
}

test('ten thousand routes are checked and compiled in bounded time', async () => {
  const set: Record<string, string> = {
    'all.yaml':
      'version: 1\nservices: { web: { via: tcp, host: 127.0.0.1, port: 8080 } }\nprofiles: { large: { body: 2MiB } }\n',
  };
  for (let file = 0; file < ROUTES / ROUTES_A_FILE; file += 1) set[`${file}.yaml`] = routesOf(file);
  const files = await makePolicyFiles();
  const before = process.cpuUsage();

  const result = await loadFolder(set, files);

  const { user, system } = process.cpuUsage(before);
  assert.equal(result.kind, 'ok');
  assert.equal(result.snapshot.routes.exact.size, ROUTES);
  assert.ok((user + system) / 1000 < MAX_CPU_MS, `took ${(user + system) / 1000} ms`);
});
