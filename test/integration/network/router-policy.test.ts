import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import rhea from 'rhea';
import type { GatewayError } from '../../../src/core/errors.ts';
import { findSkrouterd } from '../../../demo/router/find-skrouterd.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import type { FrameClientOptions } from '../../support/routers/frame-client.ts';
import { startNetwork } from '../../support/routers/network.ts';
import { startRouter } from '../../support/routers/router.ts';

type Entity = readonly [kind: string, attributes: Readonly<Record<string, unknown>>];

/** The entities that docs/router-policy.md tells operators to use. */
function documented(): Entity[] {
  const page = readFileSync(new URL('../../../docs/router-policy.md', import.meta.url), 'utf8');
  const json = /```json\n([\s\S]*?)```/.exec(page)![1]!;
  return JSON.parse(json.replace('GATEWAY-ID', 'fairlead-test')) as Entity[];
}

test('the documented policy names no limit on the size of a message, and only services as targets', () => {
  const entities = documented();

  assert.deepEqual(
    entities.map(([kind]) => kind),
    ['policy', 'vhost', 'vhost'],
  );
  assert.doesNotMatch(JSON.stringify(entities), /maxMessageSize/);
  assert.match(JSON.stringify(entities[1]), /"targets":"web:8080"/);
});

// A stand-in has no policy: what the policy confines is tried on real routers alone.
if (findSkrouterd() !== undefined) {
  for (const role of ['normal', 'edge'] as const) {
    test(`under the documented policy the certificate reaches its services only, role ${role}`, async () => {
      await using backend = await Backend.start(echo);
      const policy = { vhost: 'fairlead', entities: documented() };
      await using router = await startRouter({
        role,
        policy,
        connectors: { 'web:8080': backend.address },
      });
      await using running = await startNetwork(router.link, {
        routingKeys: ['web:8080', 'other:1'],
      });

      const streams = await Promise.all(
        Array.from({ length: 50 }, () => running.connect('web:8080')),
      );
      for (const stream of streams) stream.end('allowed');
      const answers = await Promise.all(streams.map((stream) => buffer(stream)));
      const other = await running.connect('other:1').catch((error: unknown) => error);

      assert.deepEqual(new Set(answers.map(String)), new Set(['allowed']));
      assert.equal((other as GatewayError).code, 'routing_key_forbidden');
      assert.match((other as GatewayError).message, /unauthorized|disallowed/);
      assert.match(running.log.join('\n'), /does not let other:1 be watched.*disallowed/);
      assert.match(await attach(router.link, { source: 'web:8080' }), /unauthorized-access/);
      assert.match(await attach(router.link, { target: '$management' }), /unauthorized-access/);
      assert.match(await attach(router.link, { target: undefined }), /unauthorized-access/);
    });
  }
}

/** The condition with which the router refuses a link of another client with the same certificate. */
function attach(
  { host, port, ca, cert, key }: FrameClientOptions,
  link: { readonly source: string } | { readonly target: string | undefined },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const connection = rhea.create_container().connect({
    host,
    port,
    transport: 'tls',
    servername: 'localhost',
    ca,
    cert,
    key,
    enable_sasl_external: true,
    reconnect: false,
  } as rhea.ConnectionOptions);
  const limit = setTimeout(() => reject(new Error('neither opened nor refused in 5 s')), 5_000);
  const refused = ({ sender, receiver }: rhea.EventContext): void =>
    resolve(JSON.stringify((sender ?? receiver)?.error));
  connection.on('sender_error', refused);
  connection.on('receiver_error', refused);
  connection.on('sendable', () => resolve('opened'));
  connection.on('disconnected', () => resolve('disconnected'));
  if ('source' in link) connection.open_receiver(link.source);
  else if (link.target === undefined) connection.open_sender({ target: {} });
  else connection.open_sender(link.target);
  return promise.finally(() => {
    clearTimeout(limit);
    connection.close();
  });
}
