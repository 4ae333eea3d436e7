import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoCommands } from '../../../demo/commands.ts';

const PARTS = {
  host: 'localhost',
  port: 8443,
  caFile: '/home/ann/.fairlead-demo/ca.crt',
  tokenFile: '/home/ann/.fairlead-demo/token',
  env: {},
};

test('the commands are short where nothing asks for more', () => {
  const texts = demoCommands(PARTS).map(({ text }) => text);

  assert.deepEqual(texts, [
    'curl --cacert /home/ann/.fairlead-demo/ca.crt https://localhost:8443/public/hello',
    'curl --cacert /home/ann/.fairlead-demo/ca.crt ' +
      '-H "Authorization: Bearer $(cat /home/ann/.fairlead-demo/token)" https://localhost:8443/hello',
    'curl --cacert /home/ann/.fairlead-demo/ca.crt ' +
      '-H "Authorization: Bearer $(cat /home/ann/.fairlead-demo/token)" ' +
      "-s -o /dev/null -w '%{http_code}\\n' 'https://localhost:8443/burst/[1-15]'",
  ]);
});

test('paths with other characters are quoted for the shell', () => {
  const [first] = demoCommands({ ...PARTS, caFile: "/tmp/it's $HOME/ca.crt" });

  assert.match(first!.text, /--cacert '\/tmp\/it'\\''s \$HOME\/ca\.crt' /);
});

test('a proxy in the environment is passed by', () => {
  const commands = demoCommands({ ...PARTS, env: { https_proxy: 'http://proxy:3128' } });

  assert.ok(commands.every(({ text }) => text.startsWith('curl --noproxy localhost ')));
});
