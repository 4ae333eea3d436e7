// The first program of every npm script, so it is plain JavaScript and runs on Node 20:
// installs what package-lock.json pins, finds a Node that can run the sources, and hands over to it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.fairlead-installed');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const wanted = manifest.engines.node.replace('>=', '');

const TASKS = new Set([
  'demo',
  'test',
  'check',
  'bench',
  'measure',
  'soak',
  'fuzz-amqp',
  'fuzz-policy',
]);

const [task, ...rest] = process.argv.slice(2);
if (!TASKS.has(task)) fail(`unknown task "${task}"; there are ${[...TASKS].join(', ')}.`);
installIfNeeded();
handOver(findNode());

/** Once per content of package-lock.json: a second start costs a hash, not an install. */
function installIfNeeded() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  // npm ci empties the folder behind a link too, and with it the checkout that the link was borrowed from.
  if (lstatSync(dirname(stamp), { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      'node_modules is a symbolic link to an install of another package-lock.json: remove the link and run again.',
    );
  }
  console.log('Installing what package-lock.json pins (npm ci) …');
  const done = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (done.status !== 0) {
    fail(
      'npm ci did not finish; its message is above. It needs the npm registry (npm config get registry) and room in this folder.',
    );
  }
  writeFileSync(stamp, digest);
}

/** npm itself when it started us, so that the same npm does the install. */
function npm(args) {
  const cli = process.env.npm_execpath;
  const options = { cwd: root, stdio: 'inherit' };
  if (cli !== undefined && cli.endsWith('.js')) {
    return spawnSync(process.execPath, [cli, ...args], options);
  }
  return spawnSync('npm', args, options);
}

function findNode() {
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  for (const candidate of [pinned, process.execPath, 'node']) {
    if (isNewEnough(versionOf(candidate))) return candidate;
  }
  fail(
    `no Node ${wanted} or newer: this is ${process.version}, and the npm package "node" brought none ` +
      `(its install script may be disabled, or there is no build for ${process.platform}-${process.arch}). ` +
      'Install Node 26 from https://nodejs.org/ and run the command again.',
  );
}

function versionOf(program) {
  const done = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim().replace(/^v/, '') : '0.0.0';
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function handOver(node) {
  const script = task === 'demo' ? ['src/main.ts', 'demo'] : [`scripts/${task}.js`];
  const child = spawn(node, ['--conditions=source', ...script, ...rest], {
    cwd: root,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the whole foreground group, a plain kill only us: pass it on and wait for the child.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => process.exit(code ?? 1));
}

function fail(sentence) {
  console.error(`fairlead: ${sentence}`);
  process.exit(1);
}
