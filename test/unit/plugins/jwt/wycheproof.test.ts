import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compactVerify } from 'jose';
import { readCompact } from '../../../../plugins/jwt/token/compact.ts';
import { isDenial } from '../../../../plugins/jwt/token/denial.ts';
import { ALGORITHMS } from '../../../../src/plugin/kit/keys/algorithms.ts';
import { canonical, readSigningKey } from '../../../../src/plugin/kit/keys/signing-key.ts';
import type { JsonObject } from '../../../../src/plugin/kit/strict-json.ts';

/**
 * Wycheproof's vectors have no JWT claims, so they are put to the parts below the claims: the strict
 * reading of the compact form, the acceptance of the key, and the signature, joined as in the plugin.
 *
 * Left out: groups whose only key is symmetric (HMAC, AES). No key set of ours can hold such a key; a
 * test below shows that each of them is refused. Of a payload only "is it JSON" is not judged here.
 */
interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: unknown;
  readonly result: 'valid' | 'invalid';
}
interface Group {
  readonly public?: JsonObject & { readonly keys?: readonly JsonObject[] };
  readonly private: JsonObject & { readonly keys?: readonly JsonObject[] };
  readonly tests: readonly Vector[];
}

const FOLDER = new URL('../../../fixtures/jose/', import.meta.url);
const groupsOf = (file: string): readonly Group[] =>
  (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { testGroups: Group[] }).testGroups;
const keysOf = (set: Group['private']): readonly JsonObject[] => set.keys ?? [set];

const groups = [...groupsOf('json_web_signature_test.json'), ...groupsOf('json_web_key_test.json')];
const asymmetric = groups.filter((group) => group.public !== undefined);
const symmetric = groups.filter((group) => group.public === undefined);

/**
 * Valid in Wycheproof, refused by us, on purpose. 259, 264, 268, 272, 320, 325: an empty payload is no
 * JWT. 346 and 350: the token says PS384 and its key PS256 (C2). 347 and 351: the key's alg is `ES521`,
 * which RFC 7518 does not know (its token says ES512).
 */
const STRICTER = new Set([259, 264, 268, 272, 320, 325, 346, 347, 350, 351]);

async function accepts(keys: readonly JsonObject[], jws: unknown): Promise<boolean> {
  if (typeof jws !== 'string') return false;
  const header = headerOf(jws);
  if (header === undefined) return false;
  for (const jwk of keys) {
    const key = await readSigningKey(jwk, ALGORITHMS);
    if (typeof key === 'string' || key.algorithm !== canonical(header.alg)) continue;
    if (header.kid !== undefined && header.kid !== key.keyId) continue;
    try {
      await compactVerify(jws, key.key, { algorithms: [header.alg] });
      return true;
    } catch {
      return false;
    }
  }
  return false;
}

/** The header when the form is right. The claims are replaced, since the vectors' payloads are no claims. */
function headerOf(
  jws: string,
): { readonly alg: string; readonly kid: string | undefined } | undefined {
  const parts = jws.split('.');
  const payload = Buffer.from(parts[1] ?? '', 'base64url');
  const isCanonical = parts[1] !== '' && payload.toString('base64url') === parts[1];
  if (isCanonical) parts[1] = Buffer.from('{}').toString('base64url');
  const compact = readCompact(parts.join('.'));
  return isDenial(compact) ? undefined : { alg: compact.algorithm, kid: compact.keyId };
}

for (const group of asymmetric) {
  for (const { tcId, comment, jws, result } of group.tests) {
    const isAccepted = result === 'valid' && !STRICTER.has(tcId);
    test(`Wycheproof ${tcId} ${comment}: ${isAccepted ? 'accepted' : 'refused'}`, async () => {
      assert.equal(await accepts(keysOf(group.public!), jws), isAccepted);
    });
  }
}

test('a symmetric key is never a signing key, whatever the vector says', async () => {
  for (const group of symmetric) {
    for (const jwk of keysOf(group.private)) {
      if (jwk['kty'] !== 'oct') continue;
      assert.equal(typeof (await readSigningKey(jwk, ALGORITHMS)), 'string');
    }
    for (const { jws } of group.tests) {
      const publicHalf = keysOf(group.private).map(({ d: _d, ...jwk }) => jwk);
      assert.equal(
        await accepts(
          publicHalf.filter((jwk) => jwk['kty'] === 'oct'),
          jws,
        ),
        false,
      );
    }
  }
});

test('enough vectors were there', () => {
  const count = asymmetric.flatMap((group) => group.tests).length;

  assert.ok(count > 180, `only ${count}`);
});
