// npm test: every *.test.ts below test/, by node:test, on the sources. Arguments are passed on, so
// `npm test -- test/unit/limit` runs a part. `--router` is the network suite alone.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const ROUTER_SUITES = ['test/contract', 'test/integration/network'];

const asked = process.argv.slice(2);
const paths = asked.includes('--router') ? ROUTER_SUITES : asked.filter((a) => !a.startsWith('-'));
const files = (paths.length === 0 ? ['test'] : paths).flatMap((path) =>
  statSync(path).isDirectory() ? globSync(`${path}/**/*.test.ts`) : [path],
);
if (files.length === 0) {
  console.error(`fairlead: no test files below ${paths.join(', ')}.`);
  process.exit(1);
}
const done = spawnSync(
  process.execPath,
  [
    '--conditions=source',
    '--test',
    '--test-concurrency=2',
    // Longer than any test here takes; a hang ends as a named failure, not as a stuck job.
    '--test-timeout=120000',
    '--test-reporter=spec',
    ...files.toSorted(),
  ],
  { stdio: 'inherit' },
);
process.exit(done.status ?? 1);
