// npm test: every *.test.ts below test/, by node:test, on the sources. Arguments are passed on, so
// `npm test -- test/unit/limit` runs a part. `--router` is what speaks to routers, alone, and wants real ones
// unless `--standin` allows the stand-in.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const ROUTER_SUITES = [
  'test/contract',
  'test/integration/network',
  'test/integration/faults',
  // Each protocol through a real router, from end to end.
  ...[
    'application-tls',
    'event-stream',
    'grpc',
    'lost-under-tls',
    'passthrough',
    'passthrough-failures',
    'retry',
    'router-killed',
    'spreading',
    'websocket',
    'websocket-limits',
  ].map((name) => `test/integration/gateway/${name}.test.ts`),
];

/** They measure memory and queues, which neighbours on the same cores would change: first, one by one. */
const MEASURING = [
  'test/integration/gateway/large-bodies.test.ts',
  'test/integration/gateway/back-pressure.test.ts',
];

const asked = process.argv.slice(2);
if (asked.includes('--router') && !asked.includes('--standin')) await demandRouter();
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

/** A suite that passed on the stand-in says nothing of routers, so nobody shall believe it by mistake. */
async function demandRouter() {
  const { findSkrouterd } = await import('../demo/router/find-skrouterd.ts');
  try {
    if (findSkrouterd() !== undefined) return;
    console.error(
      'fairlead: test:router found no skrouterd: SKROUTERD names none and none is on the PATH. ' +
        'Set SKROUTERD=/path/to/skrouterd, or run "npm run test:router -- --standin" to use the stand-in.',
    );
  } catch (error) {
    console.error(`fairlead: ${error.message}.`);
  }
  process.exit(1);
}

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
