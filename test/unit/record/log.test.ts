import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import { createLog } from '../../../src/record/log.ts';
import type { LogLevel } from '../../../src/record/log.ts';

test('writes level, time, message and fields as JSON', () => {
  const { log, lines } = scene('json');

  log.with({ part: 'network' }).warn('router lost', { link: 'a' });

  const { time, ...line } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(line, { level: 'warn', message: 'router lost', part: 'network', link: 'a' });
});

test('leaves out what is below its level', () => {
  const { log, lines } = scene('json', 'warn');

  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');

  assert.equal(lines.length, 2);
});

for (const format of ['json', 'pretty'] as const) {
  test(`never prints a secret or a raw control character as ${format}`, () => {
    const { log, lines } = scene(format);

    log.error('bad\r\n\u001b[31m\u009b2J', {
      own: new Secret('sesame'),
      authorization: 'Bearer sesame',
      request: { cookie: 'sesame', token: 'sesame' },
      text: '\u009b\u2028\n',
    });

    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0]!, /sesame/);
    assert.doesNotMatch(lines[0]!.trimEnd(), /\p{Cc}|[\u2028\u2029]/u);
  });
}

test('writes lines for people when asked', () => {
  const { log, lines } = scene('pretty');

  log.info('listening', { port: 443 });

  assert.match(lines[0]!, /^\d\d:\d\d:\d\d\.\d{3} info {2}listening port=443\n$/);
});

function scene(format: 'json' | 'pretty', level: LogLevel = 'debug') {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLog({ level, format, destination }) };
}
