import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { coreSchemaJson } from '../../../../src/policy/schema/json-schema.ts';
import type { JsonSchema } from '../../../../src/policy/schema/json-schema-data.ts';
import { loadFolder } from '../../../support/policy/load-folder.ts';
import { makePolicyFiles } from '../../../support/policy/policy-files.ts';

const files = await makePolicyFiles();

type Mapping = Record<string, unknown>;

/** Every mapping that has keys of its own, with no more in it than it needs. */
const LEAST: Mapping = {
  version: 1,
  gateway: {
    store: { redis: 'rediss://redis.example.com:6380' },
    admin: { health: '127.0.0.1:0' },
    shedding: { queue: 1 },
  },
  network: { link: 'secrets/link.json' },
  services: { web: {} },
  providers: { api: { plugin: 'jwt', issuer: 'https://login.example.com', audience: 'web' } },
  tenants: { anonymous: {} },
  tiers: { free: { rate: '1/s' } },
  routes: {
    web: {
      host: 'app.example.com',
      service: 'web',
      auth: 'api',
      limits: { rate: '2/s' },
      cors: { origins: ['https://other.example.com'] },
      headers: { identity: { 'x-groups': 'identity.claims.groups' } },
      paths: { '/a': { limits: { rate: '3/s' } } },
    },
  },
};

/** A mapping with each default of the schema written into it, and their places. */
function withDefaults(place: JsonSchema, given: unknown, path: string, written: string[]): unknown {
  const value = isMapping(given) ? given : {};
  const named = place['additionalProperties'];
  if (isMapping(named) && place['properties'] === undefined) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        isMapping(inner)
          ? withDefaults(alternatives(named)[0]!, inner, `${path}.*`, written)
          : inner,
      ]),
    );
  }
  const filled: Mapping = { ...value };
  for (const [key, inner] of Object.entries((place['properties'] ?? {}) as Mapping)) {
    // They stand in place of a service, which the set has.
    if (['redirect', 'respond', 'rewrite'].includes(key)) continue;
    const below = `${path}.${key}`;
    const [own] = alternatives(inner as JsonSchema);
    const byDefault = (inner as JsonSchema)['default'] ?? own!['default'];
    if (byDefault !== undefined) {
      filled[key] ??= byDefault;
      written.push(below);
    } else if (own!['type'] === 'object' && (key in value || own!['required'] === undefined)) {
      filled[key] = withDefaults(own!, value[key], below, written);
      if (Object.keys(filled[key] as Mapping).length === 0) delete filled[key];
    }
  }
  return filled;
}

function alternatives(place: JsonSchema): readonly JsonSchema[] {
  return (place['anyOf'] as JsonSchema[] | undefined) ?? [place];
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function compiled(policy: unknown): Promise<object> {
  const result = await loadFolder({ 'policy.yaml': stringify(policy) }, files);
  assert.equal(result.kind, 'ok', JSON.stringify(result));
  const { hash: _ofTheText, ...snapshot } = result.snapshot;
  return JSON.parse(JSON.stringify(snapshot, asPlain)) as object;
}

/** Where something is written differs as the texts do, and each load has a folder of its own. */
function asPlain(key: string, value: unknown): unknown {
  if (['position', 'origins', 'directory'].includes(key)) return undefined;
  return value instanceof Map || value instanceof Set ? [...value] : value;
}

test('a default that the schema names is what counts when nothing is written', async () => {
  const written: string[] = [];
  const full = withDefaults(coreSchemaJson(), LEAST, '', written);

  assert.deepEqual(await compiled(full), await compiled(LEAST));

  // Enough of them, in every block, that nothing was passed over.
  for (const key of [
    '.gateway.listen.https',
    '.gateway.client.handshake',
    '.gateway.store.prefix',
    '.gateway.defaults.timeout.idle',
    '.network.backoff.min',
    '.services.*.outlier.failures',
    '.providers.*.timeout',
    '.tiers.*.mode',
    '.routes.*.body',
    '.routes.*.cors.maxAge',
    '.routes.*.paths.*.websocket',
  ])
    assert.ok(written.includes(key), key);
});
