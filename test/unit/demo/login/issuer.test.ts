import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Issuer } from '../../../../demo/login/issuer.ts';

const OPTIONS = {
  audience: 'https://hello.example',
  clients: [{ id: 'alice', claims: { org: 'acme', plan: 'free' } }],
};

test('a token verifies against the published keys and carries the claims of its client', async () => {
  await using issuer = await Issuer.start(OPTIONS);

  const token = await issuer.token('alice');
  const discovery = await fetch(`${issuer.url}/.well-known/openid-configuration`);
  const { jwks_uri: address } = (await discovery.json()) as { jwks_uri: string };
  const { payload, protectedHeader } = await jwtVerify(
    token,
    createRemoteJWKSet(new URL(address)),
    { issuer: issuer.url, audience: OPTIONS.audience, typ: 'at+jwt' },
  );

  assert.equal(protectedHeader.alg, 'ES256');
  assert.equal(payload.sub, 'alice');
  assert.deepEqual([payload['org'], payload['plan']], ['acme', 'free']);
});

test('a client that it does not know gets a sentence, not a token', async () => {
  await using issuer = await Issuer.start(OPTIONS);

  await assert.rejects(issuer.token('mallory'), /the issuer gave no token: 40\d/);
});
