import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-'));
  const policy = `
version: 1
services:
  shop: { address: "web:8080", outlier: { failures: 2, max: 5s } }
  legacy: { via: tcp, host: 127.0.0.1, port: 9443 }
  unused: { address: "secret:1" }
routes:
  shop: { host: shop.example.test, service: shop, auth: public }
  mail: { host: mail.example.test, service: mail, auth: public }
  legacy: { host: old.example.test, service: legacy, auth: public }
`;
  writeFileSync(join(folder, 'policy.yaml'), policy);
});

after(() => rmSync(folder, { recursive: true }));

function explain(...args: string[]): { status: number | null; stdout: string } {
  const argv = ['--conditions=source', MAIN, 'explain', folder, ...args];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 20_000 });
}

test('prints the routing keys that may be opened, and no other', () => {
  const done = explain('--routing-keys');

  assert.equal(done.status, 0);
  assert.equal(done.stdout, 'mail\nweb:8080\n');
});

test('prints the way to each service and how it is tried when it fails, defaults included', () => {
  const done = explain();

  assert.deepEqual(
    done.stdout.split('\n').map((line) => line.replace(/ +/g, ' ')),
    [
      'service shop routing key web:8080 after 2 failures one attempt at a time, every 1000 ms to 5000 ms',
      'service mail routing key mail after 5 failures one attempt at a time, every 1000 ms to 30000 ms',
      'service legacy tcpListener 127.0.0.1:9443 after 5 failures one attempt at a time, every 1000 ms to 30000 ms',
      '',
    ],
  );
});
