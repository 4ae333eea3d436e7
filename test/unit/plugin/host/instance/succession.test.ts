import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../../../../src/plugin/host/kinds/kinds.ts';
import { PluginHost } from '../../../../../src/plugin/host/plugin-host.ts';
import type { Authenticator, Plugin } from '../../../../../src/plugin/contract.ts';
import type { ProviderSet } from '../../../../../src/plugin/host/kinds/provider.ts';
import {
  pluginOf,
  recordedCapabilities,
  settingsOf,
} from '../../../../support/plugins/plugin-host.ts';
import { turns, viewOf } from '../../../../support/plugins/plugin-host.ts';

const { signal } = new AbortController();
const HOUR_MS = 3_600_000;

type Options = { readonly n: number; readonly issuer?: string };
type FakePlugin = Plugin<'authenticator', unknown>;

/** A host whose plugin gives identities with `n` of the options as subject, and does not work as told. */
class Scene {
  readonly capabilities = recordedCapabilities();
  readonly host = new PluginHost(KINDS.authenticator, this.capabilities);
  readonly closed: number[] = [];
  /** What the plugin does with options of that `n`, when it is not well. */
  readonly ill = new Map<number, 'rejects' | 'hangs' | 'unhealthy'>();
  onReload: Authenticator['reload'];
  #providers: ProviderSet = new Map();

  readonly plugin = pluginOf((options) => this.#create((options as Options).n));

  async start(options: Options, plugin = this.plugin): Promise<void> {
    const { providers, settled } = this.host.start([settingsOf(plugin, { options })]);
    await settled;
    this.#providers = providers;
  }

  async reload(options: Options | undefined, plugin = this.plugin): Promise<void> {
    const reloaded = this.host.reload(
      options === undefined ? [] : [settingsOf(plugin, { options })],
    );
    await turns();
    // Not told to go, a create() that hangs would hold up the reload for ever.
    if (options !== undefined && this.ill.get(options.n) === 'hangs') await this.pass(10_000);
    this.#providers = await reloaded;
  }

  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= 1000) {
      this.capabilities.clock.advance(Math.min(1000, leftMs));
      await turns();
    }
  }

  /** The `n` of the instance that answers, or the code of the error. */
  get answers(): unknown {
    const outcome = this.#providers.get('fake')!.authenticate(viewOf(), () => signal);
    assert.ok(!(outcome instanceof Promise));
    if (outcome.kind === 'error') return outcome.reason.code;
    return outcome.kind === 'identity' ? Number(outcome.identity.subject) : outcome.kind;
  }

  get state(): string | undefined {
    return this.host.statuses()[0]?.state;
  }

  lines(pattern: RegExp): readonly string[] {
    return this.capabilities.lines.filter((line) => pattern.test(line));
  }

  #create(n: number): Authenticator | Promise<Authenticator> {
    if (this.ill.get(n) === 'rejects') throw new Error('cannot start');
    if (this.ill.get(n) === 'hangs') return new Promise(() => {});
    const identity = { subject: String(n), issuer: 'fake', claims: {}, method: 'fake' };
    return {
      authenticate: () => ({ kind: 'identity', identity: { ...identity, authenticatedAt: 0 } }),
      health: async () => ({ ok: this.ill.get(n) === undefined, detail: 'no keys' }),
      close: async () => void this.closed.push(n),
      ...(this.onReload && { reload: this.onReload }),
    };
  }
}

const NOT_REPLACED = /error provider was not replaced/;

for (const [ill, why] of [
  ['rejects', /create\(\) failed: Error at/],
  ['hangs', /create\(\) failed: TimeoutError/],
  ['unhealthy', /no keys/],
] as const) {
  test(`an instance whose start ${ill} stands behind the one before, until it works`, async () => {
    const scene = new Scene();
    await scene.start({ n: 1 });
    scene.ill.set(2, ill);

    await scene.reload({ n: 2 });
    await scene.pass(50_000);
    const meanwhile = [scene.answers, scene.state, scene.closed.length];
    const [kept, ...others] = scene.host.kept();
    scene.ill.delete(2);
    await scene.pass(70_000);

    assert.deepEqual(meanwhile, [1, 'degraded', 0]);
    assert.equal(others.length, 0);
    assert.match(kept!.reason, why);
    assert.notEqual(scene.lines(NOT_REPLACED).length, 0);
    assert.deepEqual([scene.answers, scene.state, scene.closed], [2, 'ready', [1]]);
    assert.deepEqual(scene.host.kept(), []);
    await scene.host.close();
    assert.equal(scene.capabilities.clock.pendingCount, 0);
  });
}

test('says each minute, as an error, that the new options are not in use', async () => {
  const scene = new Scene();
  await scene.start({ n: 1 });
  scene.ill.set(2, 'unhealthy');
  await scene.reload({ n: 2 });
  const atOnce = scene.lines(NOT_REPLACED).length;

  await scene.pass(600_000);

  const said = scene.lines(NOT_REPLACED).length;
  assert.equal(atOnce, 1);
  assert.ok(said >= 9 && said <= 11, `${said} times in ten minutes`);
});

test('after an hour the new options count, whatever was reloaded meanwhile', async () => {
  const scene = new Scene();
  await scene.start({ n: 1 });
  for (const n of [2, 3]) scene.ill.set(n, 'rejects');
  await scene.reload({ n: 2 });
  const [first] = scene.host.kept();

  await scene.pass(HOUR_MS / 2);
  await scene.reload({ n: 3 });
  const [second] = scene.host.kept();
  await scene.pass(HOUR_MS / 2 - 1000);
  const before = scene.answers;
  await scene.pass(1000);
  const after = [scene.answers, scene.state];
  await scene.pass(10_000);

  assert.equal(second!.until, first!.until);
  assert.equal(before, 1);
  assert.deepEqual(after, ['plugin.not_created', 'failed']);
  assert.deepEqual(scene.closed, [1]);
  assert.equal(
    scene.lines(/error provider was replaced although the new one does not work/).length,
    1,
  );
});

test('an instance that has worked stands in, also while it is not well itself', async () => {
  const scene = new Scene();
  await scene.start({ n: 1 });
  for (const n of [1, 2]) scene.ill.set(n, 'unhealthy');
  await scene.host.checkHealth();

  await scene.reload({ n: 2 });

  assert.equal(scene.answers, 1);
});

test('an instance that has never worked stands in for nothing', async () => {
  const scene = new Scene();
  for (const n of [1, 2]) scene.ill.set(n, 'unhealthy');
  await scene.start({ n: 1 });

  await scene.reload({ n: 2 });

  assert.equal(scene.answers, 2);
  assert.deepEqual(scene.host.kept(), []);
});

test('an instance whose reload() failed is not trusted any more', async () => {
  const scene = new Scene();
  scene.onReload = () => Promise.reject(new Error('half done'));
  await scene.start({ n: 1 });
  scene.ill.set(2, 'rejects');

  await scene.reload({ n: 2 });
  await scene.pass(10_000);

  assert.equal(scene.answers, 'plugin.not_created');
  assert.deepEqual(scene.closed, [1]);
});

test('an instance that asks for a restart stands in', async () => {
  const scene = new Scene();
  scene.onReload = () => Promise.resolve('restart' as const);
  await scene.start({ n: 1 });
  scene.ill.set(2, 'rejects');

  await scene.reload({ n: 2 });

  assert.equal(scene.answers, 1);
});

test('the one before goes on when the instance behind it fails in reload()', async () => {
  const scene = new Scene();
  await scene.start({ n: 1 });
  scene.onReload = () => Promise.reject(new Error('half done'));
  for (const n of [2, 3]) scene.ill.set(n, 'unhealthy');
  await scene.reload({ n: 2 });

  await scene.reload({ n: 3 });
  await scene.pass(10_000);

  assert.equal(scene.answers, 1);
  assert.deepEqual(scene.closed, [2]);
});

const REFUSING: FakePlugin['mayStandIn'] = () => false;
/** Not in the contract, as a package may do it all the same. */
const UNABLE: Readonly<Record<string, () => unknown>> = {
  'throws instead of saying': () => {
    throw new Error('cannot tell');
  },
  'promises to say': () => Promise.resolve(true),
};

/** What must let nobody in by the options before, though the new ones do not work. */
const NO_STAND_IN: Readonly<
  Record<string, (scene: Scene) => { readonly next: Options; readonly plugin: FakePlugin }>
> = {
  'another plugin': ({ plugin }) => ({ next: { n: 2 }, plugin: { ...plugin } }),
  'another issuer': ({ plugin }) => ({ next: { n: 2, issuer: 'b' }, plugin }),
  'options by which the plugin refuses it': (scene) => ({ next: { n: 2 }, plugin: scene.plugin }),
};

for (const [name, change] of Object.entries(NO_STAND_IN)) {
  for (const isBehind of [false, true]) {
    const when = isBehind ? ', also when it stood in before' : '';
    test(`nothing stands in for ${name}${when}`, async () => {
      const scene = new Scene();
      for (const n of [2, 3]) scene.ill.set(n, 'rejects');
      await scene.start({ n: 1 });
      if (isBehind) await scene.reload({ n: 3 });
      const { next, plugin } = change(scene);
      if (name.includes('refuses')) Object.assign(plugin, { mayStandIn: REFUSING });

      await scene.reload(next, plugin);
      await scene.pass(10_000);

      assert.equal(scene.answers, 'plugin.not_created');
      assert.deepEqual(scene.host.kept(), []);
      assert.deepEqual(scene.closed, [1]);
    });
  }
}

test('options that the instance behind takes in reload() can end the time of the one before', async () => {
  const scene = new Scene();
  scene.ill.set(2, 'unhealthy');
  await scene.start({ n: 1, issuer: 'a' });
  scene.onReload = () => Promise.resolve();
  await scene.reload({ n: 2, issuer: 'a' });
  await scene.reload({ n: 3, issuer: 'a' });
  const ofOneIssuer = scene.answers;

  await scene.reload({ n: 3, issuer: 'b' });
  await scene.pass(10_000);

  assert.equal(ofOneIssuer, 1);
  assert.deepEqual([scene.answers, scene.closed], [2, [1]]);
});

for (const [name, mayStandIn] of Object.entries(UNABLE)) {
  test(`a plugin that ${name} whether an instance may stand in has not said yes`, async () => {
    const scene = new Scene();
    Object.assign(scene.plugin, { mayStandIn });
    scene.ill.set(2, 'rejects');
    await scene.start({ n: 1 });

    await scene.reload({ n: 2 });

    assert.equal(scene.answers, 'plugin.not_created');
  });
}

test('a plugin may say yes where the issuer is another', async () => {
  const scene = new Scene();
  Object.assign(scene.plugin, { mayStandIn: () => true });
  scene.ill.set(2, 'rejects');
  await scene.start({ n: 1, issuer: 'a' });

  await scene.reload({ n: 2, issuer: 'b' });

  assert.equal(scene.answers, 1);
});

test('with the options of before wanted back its instance goes on as if nothing had been', async () => {
  const scene = new Scene();
  scene.ill.set(2, 'unhealthy');
  await scene.start({ n: 1 });
  await scene.reload({ n: 2 });

  await scene.reload({ n: 1 });
  await scene.pass(2 * HOUR_MS);

  assert.deepEqual([scene.answers, scene.state, scene.closed], [1, 'ready', [2]]);
});

test('the same options once more leave things as they are', async () => {
  const scene = new Scene();
  scene.ill.set(2, 'unhealthy');
  await scene.start({ n: 1 });
  await scene.reload({ n: 2 });
  const [first] = scene.host.kept();
  await scene.pass(5000);

  await scene.reload({ n: 2 });
  const meanwhile = scene.answers;
  scene.ill.delete(2);
  await scene.pass(30_000);

  assert.equal(first?.provider, 'fake');
  assert.equal(meanwhile, 1);
  assert.deepEqual([scene.answers, scene.closed], [2, [1]]);
});

test('a provider that is removed takes both of its instances with it', async () => {
  const scene = new Scene();
  scene.ill.set(2, 'unhealthy');
  await scene.start({ n: 1 });
  await scene.reload({ n: 2 });

  await scene.reload(undefined);
  await scene.pass(10_000);

  assert.deepEqual(new Set(scene.closed), new Set([1, 2]));
  assert.deepEqual(scene.host.kept(), []);
  await scene.host.close();
  assert.equal(scene.capabilities.clock.pendingCount, 0);
});

test('close() ends both instances of a provider, and the looking', async () => {
  const scene = new Scene();
  scene.ill.set(2, 'unhealthy');
  await scene.start({ n: 1 });
  await scene.reload({ n: 2 });

  await scene.host.close();

  assert.deepEqual(new Set(scene.closed), new Set([1, 2]));
  assert.equal(scene.capabilities.clock.pendingCount, 0);
});
