import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'docs/explain.md');
const text = readFileSync(PAGE, 'utf8');

/** `$ command`, then what it prints, up to the next one or the end of the block. */
const BLOCK = /(?<=```console\n).*?(?=```)/gs;
const RUN = /^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm;

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-page-'));
  mkdirSync(join(folder, 'policies/secrets'), { recursive: true });
  writeFileSync(join(folder, 'policies/shop.yaml'), /```yaml\n(.*?)```/s.exec(text)![1]!);
  writeFileSync(join(folder, 'policies/secrets/oidc-client'), 'a-secret-of-an-example');
});

after(() => rmSync(folder, { recursive: true }));

/** Both streams; whatever the exit code is. */
function outputOf(command: string): string {
  const run = command.replace(/^fairlead /, '"$NODE" --conditions=source "$MAIN" ');
  const env = { ...process.env, NODE: process.execPath, MAIN: join(ROOT, 'src/main.ts') };
  const done = spawnSync('sh', ['-c', `${run} 2>&1`], { cwd: folder, env, encoding: 'utf8' });
  return done.stdout;
}

test('docs/explain.md shows what its commands print', () => {
  const shown = text.match(BLOCK)!.join('');
  const printed = text
    .match(BLOCK)!
    .map((block) =>
      block.replace(RUN, (_, command: string) => `$ ${command}\n${outputOf(command)}`),
    );

  if (process.env['UPDATE_PAGE'] !== undefined) {
    let index = 0;
    writeFileSync(
      PAGE,
      text.replace(BLOCK, () => printed[index++]!),
    );
    return;
  }
  assert.ok(shown.includes('$ fairlead explain --service'));
  assert.equal(shown, printed.join(''));
});
