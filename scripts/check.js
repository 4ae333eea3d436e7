// npm run check: types, lint, exports that nothing uses, format, and what is generated (lint configuration, pages of names, policy schema and reference) up to date. All are run, then judged.
import { spawnSync } from 'node:child_process';

const node = process.execPath;
const STEPS = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', '.']],
  ['pages of names', ['--conditions=source', 'scripts/names-pages.js', '--check']],
  ['lint config', ['scripts/lint-config.js', '--check']],
  ['doors', ['scripts/doors.js']],
  ['lint', ['node_modules/oxlint/bin/oxlint', '--deny-warnings']],
  ['unused exports', ['node_modules/knip/bin/knip.js', '--no-progress']],
  [
    'format',
    ['node_modules/prettier/bin/prettier.cjs', '--check', '--cache', '--log-level=warn', '.'],
  ],
  [
    'schema',
    ['--conditions=source', 'src/main.ts', 'schema', '--check', 'policies/policy.schema.json'],
  ],
  [
    'reference',
    [
      '--conditions=source',
      'src/main.ts',
      'schema',
      '--reference',
      '--check',
      'docs/policy-reference.md',
    ],
  ],
];

const failed = STEPS.filter(([name, args]) => {
  const done = spawnSync(node, args, { stdio: 'inherit' });
  console.log(`${done.status === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  return done.status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
