import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import test from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import type { HeaderList } from '../../../src/core/header-list.ts';
import { ServicePools } from '../../../src/upstream/service-pools.ts';
import type { UpstreamReceiver } from '../../../src/upstream/upstream.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeBody } from '../../support/fakes/message.ts';
import { service } from '../../support/policy/policy.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

class Heard implements UpstreamReceiver {
  error: GatewayError | undefined;
  isSent = false;
  connected(): void {}
  sent(): void {
    this.isSent = true;
  }
  progress(): void {}
  informational(): void {}
  head(): void {}
  data(): void {}
  end(): void {}
  fail(error: GatewayError): void {
    this.error = error;
  }
}

const never = (): Promise<Duplex> => new Promise(() => {});

function request(maxConnections: number) {
  const headers: HeaderList = ['host', 'a'];
  const body = new FakeBody(0);
  return { service: service({ maxConnections }), method: 'GET', target: '/', headers, body };
}

test('beyond the connections and their queue a request is refused at once (R-24)', async () => {
  const pools = new ServicePools(never, new FakeClock());
  const heard = Array.from({ length: 7 }, () => new Heard());

  for (const one of heard) pools.send(request(2), one);

  assert.equal(heard[5]!.error, undefined);
  assert.equal(heard[6]!.error?.code, 'upstream_busy');
  await pools.destroy();
});

test('a connection that cannot be opened is told as it is, and frees its place', async () => {
  const pools = new ServicePools(
    () => Promise.reject(new GatewayError('service_unavailable', { retryable: true })),
    new FakeClock(),
  );
  const heard = new Heard();

  pools.send(request(1), heard);
  await waitUntil('the failure is told', () => heard.error !== undefined);

  assert.equal(heard.error?.code, 'service_unavailable');
  assert.equal(heard.error?.retryable, true);
  assert.equal(pools.inFlight().get('web'), 0);
  await pools.destroy();
});

test('a request of an earlier policy does not lead those of the present one astray', async () => {
  const opened: string[] = [];
  const pools = new ServicePools(({ address }) => {
    opened.push(address);
    return never();
  }, new FakeClock());
  const [before, now] = ['before', 'now'].map((address) => service({ address } as object));
  const send = (one: typeof before) => {
    pools.send({ ...request(1), service: one! }, new Heard());
  };

  send(before);
  pools.retain(new Map([['web', now!]]));
  send(before);
  send(now);

  assert.deepEqual(opened, ['before', 'before', 'now']);
  assert.equal(pools.inFlight().get('web'), 3);
  await pools.destroy();
});

test('a pool outlives a reload that changes nothing of its service', async () => {
  let opened = 0;
  const pools = new ServicePools(() => {
    opened += 1;
    return never();
  }, new FakeClock());

  for (const _ of [1, 2, 3]) {
    pools.send(request(1), new Heard());
    pools.retain(new Map([['web', service({ maxConnections: 1 })]]));
  }

  assert.equal(opened, 1);
  assert.equal(pools.inFlight().get('web'), 3);
  await pools.destroy();
});
