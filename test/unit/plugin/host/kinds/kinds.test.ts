import assert from 'node:assert/strict';
import test from 'node:test';
import type { PluginLife } from '../../../../../src/plugin/contract.ts';
import type { Guarded } from '../../../../../src/plugin/host/call/guarded.ts';
import type { PluginSettings } from '../../../../../src/plugin/host/instance/settings.ts';
import type { Kind } from '../../../../../src/plugin/host/kinds/kind.ts';
import { KINDS, kindFault } from '../../../../../src/plugin/host/kinds/kinds.ts';
import { PluginHost } from '../../../../../src/plugin/host/plugin-host.ts';
import { recordedCapabilities, turns } from '../../../../support/plugins/plugin-host.ts';

/** A kind that no version has: it says how long a text is. */
interface Measurer extends PluginLife {
  measure(text: string): number;
}

interface Measuring {
  measure(text: string): Guarded<number>;
}

const MEASURER: Kind<Measurer, Measuring> = {
  check(made) {
    if (typeof made?.measure !== 'function') throw new TypeError('create() gave no measurer');
  },
  calls: (provider) => ({
    measure: (text) =>
      provider.current.ask(() => new AbortController().signal, {
        call: (made) => made.measure(text),
        fault: (value) => (typeof value === 'number' ? undefined : 'it is not a number'),
      }),
  }),
};

function settings(create: () => Measurer, options: unknown = {}): PluginSettings<Measurer> {
  return { name: 'ruler', plugin: { create: async () => create() }, timeoutMs: 2000, options };
}

test('another kind has the whole life of an instance, with calls of its own', async () => {
  const capabilities = recordedCapabilities();
  const host = new PluginHost(MEASURER, capabilities);
  let works = false;
  const closed: string[] = [];
  const create = (): Measurer => {
    if (!works) throw new Error('not yet');
    const measure = (text: string): number => text.length;
    return { measure, close: async () => void closed.push('ruler') };
  };

  const { providers, settled } = host.start([settings(create)]);
  await settled;
  const before = providers.get('ruler')!.measure('four');
  works = true;
  capabilities.clock.advance(1000);
  await turns();
  const after = providers.get('ruler')!.measure('four');
  await host.close();

  assert.equal((before as { reason: { code: string } }).reason.code, 'plugin.not_created');
  assert.equal(after, 4);
  assert.deepEqual(closed, ['ruler']);
});

test('what another kind answers is judged by that kind, and opens the circuit', async () => {
  const host = new PluginHost(MEASURER, recordedCapabilities());
  const create = (): Measurer => ({ measure: () => 'long' as unknown as number });
  const { providers, settled } = host.start([settings(create)]);
  await settled;

  const codes = Array.from({ length: 6 }, () => {
    const answer = providers.get('ruler')!.measure('four');
    return (answer as { reason: { code: string } }).reason.code;
  });

  const malformed = 'plugin.malformed_result';
  assert.deepEqual(codes, [...Array<string>(5).fill(malformed), 'plugin.circuit_open']);
  await host.close();
});

test('a later kind is refused with these words, and so is a kind nobody knows', () => {
  const wanted = 'wanted "authenticator"';

  assert.deepEqual(Object.keys(KINDS), ['authenticator']);
  assert.equal(kindFault('authenticator'), undefined);
  assert.equal(kindFault('sink'), `of kind "sink", which is not in this version; ${wanted}`);
  assert.equal(kindFault('toString'), `of kind "toString", ${wanted}`);
});
