#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what it needs. In the repository it runs the sources with
// the Node that the npm package `node` brought; installed as a package it runs dist.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = fromHere('../src/main.ts');
const built = fromHere('../dist/src/main.js');
const pinned = fromHere('../node_modules/node/bin/node');

if (isNewEnough(process.version)) {
  if (existsSync(source) && !process.execArgv.includes('--conditions=source'))
    rerun(process.execPath);
  else await import(existsSync(source) ? source : built);
} else if (existsSync(pinned)) rerun(pinned);
else {
  console.error(
    `fairlead: needs Node 24.12 or newer, this is ${process.version}. In a clone of the repository, run "npm ci" once.`,
  );
  process.exitCode = 1;
}

function isNewEnough(version) {
  const [major, minor] = version.slice(1).split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

/** The sources need an export condition, and a process to set it in. */
function rerun(node) {
  const flags = existsSync(source) ? ['--conditions=source', source] : [built];
  const done = spawnSync(node, [...flags, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = done.status ?? 1;
}
