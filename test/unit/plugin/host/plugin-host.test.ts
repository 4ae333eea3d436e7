import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../../src/core/secret.ts';
import { KINDS } from '../../../../src/plugin/host/kinds/kinds.ts';
import { PluginHost } from '../../../../src/plugin/host/plugin-host.ts';
import type { Authenticator, AuthResult, Context } from '../../../../src/plugin/contract.ts';
import type { Provider, ProviderSet } from '../../../../src/plugin/host/kinds/provider.ts';
import {
  pluginOf,
  recordedCapabilities,
  settingsOf,
} from '../../../support/plugins/plugin-host.ts';
import { turns, viewOf } from '../../../support/plugins/plugin-host.ts';

const { signal } = new AbortController();
const SIGNAL = (): AbortSignal => signal;
const PASS: AuthResult = { kind: 'pass' };
const passing = (more: Partial<Authenticator> = {}): Authenticator => ({
  authenticate: () => PASS,
  ...more,
});

function setUp() {
  const capabilities = recordedCapabilities();
  return {
    capabilities,
    clock: capabilities.clock,
    host: new PluginHost(KINDS.authenticator, capabilities),
  };
}

function only(providers: ProviderSet): Provider {
  return providers.get('fake')!;
}

function ask(provider: Provider): string {
  const outcome = provider.authenticate(viewOf(), SIGNAL);
  if (outcome instanceof Promise) return 'promise';
  return outcome.kind === 'error' ? outcome.reason.code : outcome.kind;
}

test('is an error until create() has settled, then answers', async () => {
  const { host } = setUp();
  const creation = Promise.withResolvers<Authenticator>();

  const { providers, settled } = host.start([settingsOf(pluginOf(() => creation.promise))]);
  const before = [ask(only(providers)), host.isSettled];
  creation.resolve(passing());
  await settled;

  assert.deepEqual(before, ['plugin.starting', false]);
  assert.deepEqual([ask(only(providers)), host.isSettled], ['pass', true]);
});

test('a rejected create() leaves its provider alone an error, and is tried again with back-off', async () => {
  const { clock, host } = setUp();
  const attempts: number[] = [];
  const failing = pluginOf(() => {
    attempts.push(clock.now());
    if (attempts.length < 4) throw new Error('issuer down');
    return passing();
  });

  const { providers, settled } = host.start([
    settingsOf(failing),
    settingsOf(
      pluginOf(() => passing()),
      { name: 'other' },
    ),
  ]);
  await settled;
  const first = [ask(only(providers)), ask(providers.get('other')!)];
  const state = host.statuses()[0]?.state;
  for (const delay of [1000, 2000, 4000]) {
    clock.advance(delay);
    await turns();
  }

  assert.deepEqual(first, ['plugin.not_created', 'pass']);
  assert.equal(state, 'failed');
  assert.equal(ask(only(providers)), 'pass');
  assert.deepEqual(
    attempts.slice(1).map((at, i) => at - attempts[i]!),
    [1000, 2000, 4000],
  );
});

test('an instance with revalidate, which is not in this version, is not used', async () => {
  const { host } = setUp();
  const revalidate = { everyMs: 1000, check: async () => PASS };
  const plugin = pluginOf(() => ({ ...passing(), revalidate }));

  const { providers, settled } = host.start([settingsOf(plugin)]);
  await settled;

  assert.equal(ask(only(providers)), 'plugin.not_created');
  assert.match(host.statuses()[0]?.detail ?? '', /\(revalidate_not_in_this_version\)/);
  await host.close();
});

test('the back-off of create() ends at thirty seconds', async () => {
  const { clock, host } = setUp();
  let attempts = 0;
  const failing = pluginOf(() => {
    attempts += 1;
    throw new Error('issuer down');
  });
  await host.start([settingsOf(failing)]).settled;
  for (let i = 0; i < 10; i += 1) {
    clock.advance(30_000);
    await turns();
  }
  const before = attempts;

  clock.advance(30_000);
  await turns();

  assert.equal(attempts, before + 1);
});

test('a create() that hangs settles as failed after ten seconds; what it makes late is closed', async () => {
  const { clock, host } = setUp();
  const creation = Promise.withResolvers<Authenticator>();
  let closed = 0;

  const { settled } = host.start([settingsOf(pluginOf(() => creation.promise))]);
  await turns();
  clock.advance(10_000);
  await settled;
  creation.resolve(passing({ close: async () => void (closed += 1) }));
  await turns();

  assert.equal(host.statuses()[0]?.state, 'failed');
  assert.equal(closed, 1);
});

test('something that is no authenticator counts as a failed create()', async () => {
  const { host } = setUp();

  const { providers, settled } = host.start([
    settingsOf(pluginOf(() => ({}) as unknown as Authenticator)),
  ]);
  await settled;

  assert.equal(ask(only(providers)), 'plugin.not_created');
});

test('an open circuit shows as degraded', async () => {
  const { host } = setUp();
  const broken = pluginOf(() => passing({ authenticate: () => ({ kind: 'no' }) as never }));
  const { providers, settled } = host.start([settingsOf(broken)]);
  await settled;

  for (let i = 0; i < 5; i += 1) ask(only(providers));

  assert.equal(ask(only(providers)), 'plugin.circuit_open');
  assert.equal(host.statuses()[0]?.state, 'degraded');
});

test('what a plugin says of its health shows in the status', async () => {
  const { host } = setUp();
  let ok = false;
  const plugin = pluginOf(() => passing({ health: async () => ({ ok, detail: 'no keys' }) }));
  await host.start([settingsOf(plugin)]).settled;
  const before = host.statuses()[0];

  ok = true;
  await host.checkHealth();

  assert.deepEqual(before, { name: 'fake', state: 'degraded', detail: 'no keys' });
  assert.equal(host.statuses()[0]?.state, 'ready');
});

test('asks for the health of a plugin again after ten seconds, and not once it is closed', async () => {
  const { host, capabilities } = setUp();
  let asked = 0;
  const health = async () => ({ ok: (asked += 1) > 1, detail: 'no keys' });
  await host.start([settingsOf(pluginOf(() => passing({ health })))]).settled;
  const before = host.statuses()[0]?.state;

  capabilities.clock.advance(10_000);
  await turns();
  const after = host.statuses()[0]?.state;
  await host.close();
  capabilities.clock.advance(60_000);
  await turns();

  assert.deepEqual([before, after], ['degraded', 'ready']);
  assert.equal(asked, 2);
});

test('a challenge is guarded as well, and undefined where the plugin has none', async () => {
  const { host } = setUp();
  const broken = pluginOf(() => passing({ challenge: () => 'no' as never }));
  const { providers, settled } = host.start([
    settingsOf(broken),
    settingsOf(
      pluginOf(() => passing()),
      { name: 'other' },
    ),
  ]);
  await settled;

  const malformed = only(providers).challenge(viewOf(), { code: 'a' }, SIGNAL);
  const none = providers.get('other')!.challenge(viewOf(), { code: 'a' }, SIGNAL);

  assert.equal((malformed as { kind?: string }).kind, 'error');
  assert.equal(none, undefined);
});

test('equal options keep the instance, and do not reload it', async () => {
  const { host } = setUp();
  let created = 0;
  let reloaded = 0;
  const plugin = pluginOf(() => {
    created += 1;
    return passing({ reload: async () => void (reloaded += 1) });
  });
  const { providers, settled } = host.start([settingsOf(plugin, { options: { a: [1] } })]);
  await settled;

  const next = await host.reload([settingsOf(plugin, { options: { a: [1] } })]);

  assert.equal(only(next), only(providers));
  assert.deepEqual([created, reloaded], [1, 0]);
});

test('a file of another content under the same options is a new instance, though the plugin can reload', async () => {
  const { host } = setUp();
  let created = 0;
  const plugin = pluginOf(() => {
    created += 1;
    return passing({ reload: () => Promise.resolve() });
  });
  await host.start([settingsOf(plugin, { files: 'digest-1' })]).settled;

  await host.reload([settingsOf(plugin, { files: 'digest-1' })]);
  const before = created;
  await host.reload([settingsOf(plugin, { files: 'digest-2' })]);

  assert.deepEqual([before, created], [1, 2]);
});

test('changed options reload the same instance', async () => {
  const { host } = setUp();
  const seen: unknown[] = [];
  const plugin = pluginOf(() => passing({ reload: async (options) => void seen.push(options) }));
  const { providers, settled } = host.start([settingsOf(plugin, { options: { a: 1 } })]);
  await settled;

  const next = await host.reload([settingsOf(plugin, { options: { a: 2 } })]);

  assert.equal(only(next), only(providers));
  assert.deepEqual(seen, [{ a: 2 }]);
});

test('a secret that changed is a changed option', async () => {
  const { host } = setUp();
  let created = 0;
  const plugin = pluginOf(() => {
    created += 1;
    return passing();
  });
  await host.start([settingsOf(plugin, { options: { key: new Secret('a') } })]).settled;

  await host.reload([settingsOf(plugin, { options: { key: new Secret('b') } })]);

  assert.equal(created, 2);
});

const REPLACED: Readonly<Record<string, Authenticator['reload']>> = {
  'without reload()': undefined,
  'whose reload() asks for a restart': () => Promise.resolve('restart' as const),
  'whose reload() fails': () => Promise.reject(new Error('no')),
};

for (const [name, reload] of Object.entries(REPLACED)) {
  test(`a plugin ${name} is created anew before the old one is closed`, async () => {
    const { clock, host } = setUp();
    const events: string[] = [];
    const plugin = pluginOf((options) => {
      events.push(`create ${String(options)}`);
      return passing({
        ...(reload && { reload }),
        close: async () => void events.push(`close ${String(options)}`),
      });
    });
    const { providers, settled } = host.start([settingsOf(plugin, { options: 1 })]);
    await settled;

    const next = await host.reload([settingsOf(plugin, { options: 2 })]);
    const oldAnswer = ask(only(providers));
    clock.advance(1000);
    await turns();

    assert.notEqual(only(next), only(providers));
    assert.equal(oldAnswer, 'pass');
    assert.deepEqual(events, ['create 1', 'create 2', 'close 1']);
    assert.equal(ask(only(providers)), 'plugin.closed');
    assert.equal(ask(only(next)), 'pass');
  });
}

test('a replaced instance is closed after its last call', async () => {
  const { clock, host } = setUp();
  const call = Promise.withResolvers<AuthResult>();
  let closed = 0;
  const plugin = pluginOf(() =>
    passing({ authenticate: () => call.promise, close: async () => void (closed += 1) }),
  );
  const { providers, settled } = host.start([settingsOf(plugin, { timeoutMs: 60_000 })]);
  await settled;
  const outcome = only(providers).authenticate(viewOf(), SIGNAL);
  await host.reload([]);

  clock.advance(5000);
  const whileCalling = closed;
  call.resolve(PASS);
  await turns();
  clock.advance(1000);

  assert.equal(whileCalling, 0);
  assert.equal(await outcome, PASS);
  assert.equal(closed, 1);
});

test('a replaced instance is closed within ten seconds, whatever is in flight', async () => {
  const { clock, host } = setUp();
  let closed = 0;
  const contexts: Context[] = [];
  const plugin = pluginOf((_options, context) => {
    contexts.push(context);
    return passing({
      authenticate: () => new Promise(() => {}),
      close: async () => void (closed += 1),
    });
  });
  const { providers, settled } = host.start([settingsOf(plugin, { timeoutMs: 60_000 })]);
  await settled;
  void only(providers).authenticate(viewOf(), SIGNAL);
  await host.reload([]);

  clock.advance(10_000);

  assert.equal(closed, 1);
  assert.equal(contexts[0]?.signal.aborted, true);
});

test('a hundred reloads leave no timer behind but the one for health', async () => {
  const { clock, host } = setUp();
  const plugin = pluginOf(() => passing());
  await host.start([settingsOf(plugin, { options: -1 })]).settled;
  for (let i = 0; i < 100; i += 1) await host.reload([settingsOf(plugin, { options: i })]);

  clock.advance(10_000);
  await turns();

  assert.equal(clock.pendingCount, 1);
  await host.close();
  assert.equal(clock.pendingCount, 0);
});

test('close() ends every instance once, and stops trying to create', async () => {
  const { clock, host } = setUp();
  let closed = 0;
  let attempts = 0;
  const failing = pluginOf(() => {
    attempts += 1;
    throw new Error('down');
  });
  await host.start([
    settingsOf(pluginOf(() => passing({ close: async () => void (closed += 1) }))),
    settingsOf(failing, { name: 'failing' }),
  ]).settled;

  await host.close();
  await host.close();
  clock.advance(60_000);

  assert.deepEqual([closed, attempts, clock.pendingCount], [1, 1, 0]);
});
