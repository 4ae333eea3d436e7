// npm test: every *.test.ts below test/, by node:test, on the sources. Arguments are passed on, so
// `npm test -- test/unit/limit` runs a part. `--router` is the network suite alone.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const ROUTER_SUITES = ['test/contract', 'test/integration/network', 'test/integration/faults'];

/** They measure memory and queues, which neighbours on the same cores would change: first, one by one. */
const MEASURING = [
  'test/integration/gateway/large-bodies.test.ts',
  'test/integration/gateway/back-pressure.test.ts',
];

const asked = process.argv.slice(2);
const paths = asked.includes('--router') ? ROUTER_SUITES : asked.filter((a) => !a.startsWith('-'));
const files = (paths.length === 0 ? ['test'] : paths).flatMap(testFiles);
if (files.length === 0) {
  console.error(`fairlead: no test files below ${paths.join(', ')}.`);
  process.exit(1);
}
const measuring = files.filter((file) => MEASURING.includes(file));
const rest = files.filter((file) => !MEASURING.includes(file));
const failed = [run(measuring, 1), run(rest, 2)].filter((status) => status !== 0);
process.exit(failed.length === 0 ? 0 : 1);

function testFiles(path) {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? globSync(`${path}/**/*.test.ts`) : [path];
}

function run(paths, concurrency) {
  if (paths.length === 0) return 0;
  const done = spawnSync(
    process.execPath,
    [
      '--conditions=source',
      '--test',
      `--test-concurrency=${concurrency}`,
      // Longer than any test here takes; a hang ends as a named failure, not as a stuck job.
      '--test-timeout=120000',
      '--test-reporter=spec',
      ...paths,
    ],
    { stdio: 'inherit' },
  );
  return done.status ?? 1;
}
