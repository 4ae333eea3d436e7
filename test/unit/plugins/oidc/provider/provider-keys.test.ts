import assert from 'node:assert/strict';
import test from 'node:test';
import type { Context } from 'fairlead/plugin';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { ProviderKeys } from '../../../../../plugins/oidc/provider/provider-keys.ts';

const context = {
  clock: { now: () => 1_000_000 },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {} },
} as unknown as Context;

async function keysOf(more: object, source?: () => Promise<never>) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', ...more };
  const keys = new ProviderKeys({
    place: 'https://op.example/keys',
    source: source ?? (() => Promise.resolve([jwk])),
    algorithms: ['ES256'],
    context,
  });
  const token = (kid: string): Promise<string> =>
    new SignJWT({ id: 1 }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  return { keys, token };
}

test('a token of a published key is verified', async () => {
  const { keys, token } = await keysOf({});

  const { payload } = await keys.verify(await token('k1'));

  assert.deepEqual(payload, { id: 1 });
});

test('a key that is published with its private half, or not for signatures, verifies nothing', async () => {
  for (const more of [{ d: 'AA' }, { use: 'enc' }, { key_ops: ['sign'] }]) {
    const { keys, token } = await keysOf(more);

    await assert.rejects(keys.verify(await token('k1')), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
  }
});

test('keys that cannot be had are told apart from a key that is not there', async () => {
  const down = await keysOf({}, () => Promise.reject(new TypeError('fetch failed')));
  const up = await keysOf({});

  await assert.rejects(down.keys.verify(await down.token('k1')), { name: 'DocumentError' });
  await assert.rejects(up.keys.verify(await up.token('k2')), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
});

test('an algorithm that the policy does not allow asks for no key', async () => {
  const { keys } = await keysOf({}, () => Promise.reject(new Error('asked')));
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));

  await assert.rejects(keys.verify(token), { code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
});
