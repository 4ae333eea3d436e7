import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import {
  METRICS,
  PLUGIN_EVENTS,
  PLUGIN_REASONS,
  REASONS,
} from '../../../../src/telemetry/names/names.ts';
import { found, sourcesOf } from '../../../support/tools/sources.ts';

const gateway = sourcesOf('src').filter(({ path }) => !path.startsWith('src/telemetry/'));
const plugins = sourcesOf('plugins');
const folders = readdirSync(new URL('../../../../plugins', import.meta.url));

test('every metric of the register is used, by its key', () => {
  const used = found(gateway, /\bMETRICS\.(\w+)/g);

  assert.deepEqual(used, Object.keys(METRICS).sort());
});

test('no metric is named beside the register', () => {
  const names = found([...gateway, ...plugins], /['"`]((?:fairlead|http_server)_\w+)['"`]/g);

  assert.deepEqual(names, []);
});

test('every reason of the register is given somewhere', () => {
  const literals = found(gateway, /['`]([a-z0-9]+\.[a-z0-9_]+)(?=['`$])/g);
  const given = new Set(literals.map((code) => code.replace(/^(http\.hpe_)$/, '$1*')));

  const unused = Object.keys(REASONS).filter((code) => !given.has(code));

  assert.deepEqual(unused, []);
});

test('no reason is made beside the register', () => {
  const codes = found(gateway, /\bcode: *['`](\w+\.[^'`]+)['`]/g);

  assert.deepEqual(codes, []);
});

test('every reason that a plugin gives is in the register, and every other one is gone', () => {
  const prefixes = folders.map((folder) => folder.replaceAll('-', '_')).join('|');
  const literals = found(plugins, new RegExp(`['"\`]((?:${prefixes})\\.[^'"\`]*)['"\`]`, 'g'));
  // `oidc.${code}` in a line of the log is a problem of a login, with a page of its own in the docs.
  const codes = literals.filter((code) => !(code in PLUGIN_EVENTS) && !code.includes('${'));

  assert.deepEqual(codes, Object.keys(PLUGIN_REASONS).sort());
});

test('a plugin makes no reason from parts, which no search would find', () => {
  const made = found(plugins, /\b(?:code: *|denial\()(`[^`]*`)/g);

  // The type of a denial, which takes any code of the plugin.
  assert.deepEqual(made, ['`jwt.${string}`']);
});

test('every event that a plugin counts is in the register, and every other one is gone', () => {
  const counted = found([...plugins, ...gateway], /\.count\((?:this\.name, )?'([^']+)'/g);

  assert.deepEqual(counted, Object.keys(PLUGIN_EVENTS).sort());
});
