// Makes .oxlintrc.json: the rules below, and the import rules of scripts/layers.js.
// `--write` writes it (npm run lint-config), `--check` compares it (npm run check).
import { readFileSync, writeFileSync } from 'node:fs';
import { BESIDE, LAYERS, LIBRARIES, SNAPSHOT_ONLY } from './layers.js';

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
  const inside = Object.keys(LAYERS).flatMap((folder) => rulesOfFolder(folder, LAYERS[folder]));
  const beside = Object.keys(BESIDE).flatMap(rulesBeside);
  return [...inside, rulesOfKit(), ...beside, ...rulesOfPlugins()];
}

/** One block for each depth, since only the number of climbs tells a neighbour from a folder of one's own. */
function rulesOfFolder(folder, allowed) {
  if (allowed === 'all') return [];
  const others = Object.keys(LAYERS).filter(
    (other) => other !== folder && !allowed.includes(other),
  );
  const message = `src/${folder} may import ${allowed.join(', ') || 'nothing of ours'} only (scripts/layers.js).`;
  return Array.from({ length: MOST_CLIMBS }, (_, depth) => {
    const climb = '../'.repeat(depth + 1);
    const patterns = [
      { regex: `^${escaped(climb)}(${others.join('|')})/`, message },
      { regex: `^${escaped(climb)}\\.\\./(${Object.keys(BESIDE).join('|')})/`, message },
    ];
    if (SNAPSHOT_ONLY.includes(folder)) patterns.push(snapshotOnly(climb));
    const files = `src/${folder}/${'*/'.repeat(depth)}*`;
    return override(files, librariesNotOf(folder), patterns);
  });
}

function snapshotOnly(climb) {
  return {
    group: [`${climb}policy/**`, `!${climb}policy/snapshot/snapshot.ts`],
    message: 'Of src/policy only the door snapshot/snapshot.ts (types) may be imported here.',
  };
}

function rulesBeside(folder) {
  const allowed = BESIDE[folder];
  if (allowed === 'all') return [];
  const others = Object.keys(LAYERS).filter((other) => !allowed.includes(other));
  const message = `${folder} may import ${allowed.join(', ')} of src only (scripts/layers.js).`;
  const regex = `^(\\.\\./)+src/(${others.join('|')})/`;
  return [override(`${folder}/**`, librariesNotOf(folder), [{ regex, message }])];
}

/** What strangers build with knows the contract and core, never the host; a library may have its home there alone. */
function rulesOfKit() {
  const others = Object.keys(LAYERS).filter(
    (other) => other !== 'plugin' && !LAYERS.plugin.includes(other),
  );
  const message = 'src/plugin/kit may import contract.ts and core only (scripts/layers.js).';
  const regex = `^(\\.\\./)+(host|${others.join('|')})/`;
  return override('src/plugin/kit/**', librariesNotOf('plugin/kit'), [{ regex, message }]);
}

/** By depth, as for folders of src: so many climbs lead out of the plugin. A new plugin changes nothing here. */
function rulesOfPlugins() {
  const message = 'A plugin imports fairlead/plugin, fairlead/plugin/kit and libraries.';
  return Array.from({ length: MOST_CLIMBS }, (_, depth) => {
    const climb = escaped('../'.repeat(depth + 1));
    const patterns = [
      { group: ['**/src/**'], message },
      { regex: `^${climb}`, message },
    ];
    return override(`plugins/*/${'*/'.repeat(depth)}*`, librariesNotOf('plugins'), patterns);
  });
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

function escaped(path) {
  return path.replaceAll('.', '\\.');
}
