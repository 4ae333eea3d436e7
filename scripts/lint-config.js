// Makes .oxlintrc.json: the rules below, and the import rules of scripts/layers.js.
// `--write` writes it (npm run lint-config), `--check` compares it (npm run check).
import { readFileSync, writeFileSync } from 'node:fs';
import { LAYERS, LIBRARIES, SNAPSHOT_ONLY } from './layers.js';

const FILE = new URL('../.oxlintrc.json', import.meta.url);
/** Folders nest at most this deep below src/, so a path to a neighbour climbs at most so often. */
const MOST_CLIMBS = 4;

const BASE = JSON.parse(readFileSync(new URL('lint-rules.json', import.meta.url), 'utf8'));

const text = `${JSON.stringify({ ...BASE, overrides: [...BASE.overrides, ...importRules()] }, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(
    '.oxlintrc.json differs from scripts/layers.js and lint-rules.json: run "npm run lint-config".',
  );
  process.exit(1);
}

function importRules() {
  const folders = Object.keys(LAYERS).filter((folder) => LAYERS[folder] !== 'all');
  return [...folders.map(rulesOfFolder), rulesOfPlugins()];
}

function rulesOfFolder(folder) {
  const allowed = LAYERS[folder];
  const others = Object.keys(LAYERS).filter(
    (other) => other !== folder && !allowed.includes(other),
  );
  const patterns = [
    {
      regex: `^(\\.\\./)+(${others.join('|')})/`,
      message: `src/${folder} may import ${allowed.join(', ') || 'nothing of ours'} only (scripts/layers.js).`,
    },
  ];
  if (SNAPSHOT_ONLY.includes(folder)) {
    const snapshot = climbs('policy/snapshot.ts').map((path) => `!${path}`);
    patterns.push({
      group: [...climbs('policy/**'), ...snapshot],
      message: 'Of src/policy only snapshot.ts (types) may be imported here.',
    });
  }
  return override(`src/${folder}/**`, librariesNotOf(folder), patterns);
}

function rulesOfPlugins() {
  const message = 'A plugin imports fairlead/plugin and libraries, nothing else of ours.';
  return override('plugins/**', librariesNotOf('plugins'), [{ group: ['**/src/**'], message }]);
}

function override(files, paths, patterns) {
  return {
    files: [files],
    rules: { 'eslint/no-restricted-imports': ['error', { paths, patterns }] },
  };
}

function librariesNotOf(folder) {
  return Object.entries(LIBRARIES)
    .filter(([, homes]) => !homes.includes(folder))
    .map(([name, homes]) => ({ name, message: `${name} has its home in ${homes.join(', ')}.` }));
}

function climbs(path) {
  return Array.from({ length: MOST_CLIMBS }, (_, climb) => `${'../'.repeat(climb + 1)}${path}`);
}
