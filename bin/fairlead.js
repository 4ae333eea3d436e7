#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what it needs. In the repository it runs the sources with
// the Node that the npm package `node` brought; installed as a package it runs dist.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = fromHere('../src/main.ts');
const built = fromHere('../dist/src/main.js');
const pinned = fromHere('../node_modules/node/bin/node');

const isClone = existsSync(source);
const isNew = isNewEnough(process.version);
if (isNew && !isClone) await import(built);
else if (isNew || existsSync(pinned)) rerun(isNew ? process.execPath : pinned);
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
  const program = isClone ? ['--conditions=source', source] : [built];
  const child = spawn(node, [...program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the whole foreground group; what is sent to us alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}
