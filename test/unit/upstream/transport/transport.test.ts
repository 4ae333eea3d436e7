import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoutingKey } from '../../../../src/core/ids.ts';
import type { ServicePolicy, ServiceVia } from '../../../../src/policy/snapshot/snapshot.ts';
import {
  createOpenConnection,
  createOpenPassthrough,
  describeWay,
  needsNetwork,
  schemeOf,
} from '../../../../src/upstream/transport/transport.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { service } from '../../../support/policy/policy.ts';
import { sourcesOf } from '../../../support/tools/sources.ts';

const tls = { caPem: '', certPem: undefined, keyPem: undefined, serverName: undefined };

function via(way: ServiceVia): ServicePolicy {
  return service({ address: 'web:8080' as RoutingKey, via: way });
}

const lane = (rest: object = {}) => via({ kind: 'amqp', tls: undefined, alpn: undefined, ...rest });
const tcp = (rest: object = {}) =>
  via({ kind: 'tcp', host: '127.0.0.1', port: 5671, tls: undefined, isInsecure: false, ...rest });
const url = (rest: object = {}) =>
  via({ kind: 'url', host: '127.0.0.1', port: 3000, tls: undefined, isInsecure: false, ...rest });

test('says where a service is reached, and whether that needs the network', () => {
  assert.equal(describeWay(lane()), 'routing key web:8080');
  assert.equal(describeWay(tcp()), 'tcpListener 127.0.0.1:5671');
  assert.equal(describeWay(url()), 'http://web:8080');
  assert.equal(describeWay(url({ tls })), 'https://web:8080');
  assert.deepEqual([lane(), tcp(), url()].map(needsNetwork), [true, false, false]);
});

test('the scheme is https where anybody on the way to the application speaks TLS', () => {
  assert.deepEqual([lane(), tcp(), url()].map(schemeOf), ['http', 'http', 'http']);
  const secure = [lane({ tls }), tcp({ tls }), url({ tls })];
  assert.deepEqual(secure.map(schemeOf), ['https', 'https', 'https']);
  assert.equal(schemeOf(lane({ alpn: 'h2' })), 'https');
});

test('a service that needs a network is told so where the policy has none', async () => {
  const parts = { clock: new FakeClock(), network: () => undefined };
  const error = { code: 'network_unavailable', message: /no network\.link/ };

  await assert.rejects(createOpenConnection(parts)(lane()), error);
  await assert.rejects(createOpenPassthrough(parts)(lane(), AbortSignal.abort()), error);
});

test('nobody but the transports and the policy tells one kind from another', () => {
  const telling = sourcesOf('src', 'plugins', 'standin', 'demo').filter(
    ({ path, text }) => !path.startsWith('src/policy/') && /\bvia\.kind [!=]==/.test(text),
  );

  assert.deepEqual(
    telling.map(({ path }) => path),
    [],
  );
});
