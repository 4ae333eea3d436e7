import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { ServicePolicy } from '../../../../src/policy/snapshot/snapshot.ts';
import { HealthChecks } from '../../../../src/upstream/health/health-checks.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { service } from '../../../support/policy/policy.ts';
import { waitUntil } from '../../../support/tools/wait-until.ts';

const EVERY = 10_000;
const TIMEOUT = 2_000;

let application: Server;
let answer: (response: ServerResponse) => void;
let asked: { readonly url: string; readonly host: string | undefined; readonly agent: string }[];

before(async () => {
  application = createServer((request, response) => {
    const { host, 'user-agent': agent = '' } = request.headers;
    asked.push({ url: `${request.method} ${request.url}`, host, agent });
    answer(response);
  });
  await once(application.listen(0, '127.0.0.1'), 'listening');
});

beforeEach(() => {
  asked = [];
  answer = status(200);
});

after(() => {
  application.closeAllConnections();
  application.close();
});

const status = (code: number) => (response: ServerResponse) =>
  void response.writeHead(code).end('x');

function checked(overrides: Partial<ServicePolicy> = {}): ServicePolicy {
  const health = {
    path: '/up?deep=1',
    everyMs: EVERY,
    timeoutMs: TIMEOUT,
    unhealthy: 3,
    healthy: 2,
  };
  return service({ name: 'app', address: 'app.test:81' as never, health, ...overrides });
}

class Scene implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly sockets: Socket[] = [];
  readonly verdicts: boolean[] = [];
  readonly changes: (string | undefined)[] = [];
  readonly checks = new HealthChecks({
    clock: this.clock,
    open: async () => {
      const socket = connect((application.address() as AddressInfo).port, '127.0.0.1');
      this.sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    onChecked: (_name, isWell) => this.verdicts.push(isWell),
    onChange: (_name, fault) => this.changes.push(fault),
  });

  apply(...services: readonly ServicePolicy[]): void {
    this.checks.apply(new Map(services.map((each) => [each.name, each])));
  }

  async judged(count: number): Promise<void> {
    await waitUntil(`${count} verdicts`, () => this.verdicts.length >= count);
  }

  /** Questions follow one another, each `every` after the answer before. */
  async rounds(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const before = this.verdicts.length;
      this.clock.advance(EVERY);
      await this.judged(before + 1);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.checks.close();
  }
}

test('asks at once, and again after each answer, by GET at the path, for the host of the URL', async () => {
  await using scene = new Scene();

  scene.apply(checked());
  await scene.judged(1);
  scene.clock.advance(EVERY - 1);
  const early = asked.length;
  scene.clock.advance(1);
  await scene.judged(2);

  assert.equal(early, 1);
  assert.deepEqual(asked, [
    { url: 'GET /up?deep=1', host: 'app.test:81', agent: 'fairlead-health' },
    { url: 'GET /up?deep=1', host: 'app.test:81', agent: 'fairlead-health' },
  ]);
});

test('unwell after three bad answers in a row, and well again after two good ones', async () => {
  await using scene = new Scene();
  const seen: (string | undefined)[] = [];
  const look = () => seen.push(scene.checks.faultOf(checked()));

  answer = status(500);
  scene.apply(checked());
  await scene.judged(1);
  await scene.rounds(1);
  look(); // two bad ones
  answer = status(204);
  await scene.rounds(1);
  answer = status(500);
  await scene.rounds(2);
  look(); // two bad ones again: the good one between has begun it anew
  await scene.rounds(1);
  look();
  answer = status(302);
  await scene.rounds(1);
  look(); // one good one
  await scene.rounds(1);
  look();

  assert.deepEqual(seen, [undefined, undefined, 'status 500', 'status 500', undefined]);
  assert.deepEqual(scene.changes, ['status 500', undefined]);
  assert.deepEqual([...scene.checks.states()], [['app', 1]]);
});

for (const [what, answering, wanted] of [
  ['no answer in time', () => {}, 'no answer within 2000 ms'],
  ['a head in time and a body without an end', endless(200), undefined],
  ['a bad status and a body without an end', endless(503), 'status 503'],
] as const) {
  test(`${what} is judged, and the connection is let go`, async () => {
    await using scene = new Scene();
    answer = answering;
    const policy = checked();

    scene.apply({ ...policy, health: { ...policy.health!, unhealthy: 1 } });
    await waitUntil('it is asked', () => asked.length === 1);
    const isHeadThere = () => wanted?.startsWith('no ') || scene.sockets[0]!.bytesRead > 0;
    await waitUntil('the head is there', isHeadThere);
    scene.clock.advance(TIMEOUT);
    await scene.judged(1);

    assert.equal(scene.checks.faultOf(policy), wanted);
    await waitUntil('the connection is closed', () => scene.sockets[0]!.destroyed);
  });
}

test('a connection that fails is a bad answer, before its time is over', async () => {
  await using scene = new Scene();
  answer = (response) => void response.destroy();
  const policy = checked();

  scene.apply({ ...policy, health: { ...policy.health!, unhealthy: 1 } });
  await scene.judged(1);

  assert.match(scene.checks.faultOf(policy) ?? '', /ended|closed|reset/);
});

test('a reload keeps the state of a service that is the same, asks one that changed anew, and forgets', async () => {
  await using scene = new Scene();
  const policy = checked();
  const nervous = { ...policy, health: { ...policy.health!, unhealthy: 1 } };
  answer = status(500);
  scene.apply(nervous);
  await scene.judged(1);

  scene.apply(structuredClone(nervous));
  const same = scene.checks.faultOf(nervous);
  const askedOfSame = asked.length;
  scene.apply({ ...nervous, maxConnections: 3 });
  const changed = scene.checks.faultOf(nervous);
  await waitUntil('it is asked anew', () => asked.length === 2);
  scene.apply();

  assert.deepEqual([same, askedOfSame, changed], ['status 500', 1, undefined]);
  assert.deepEqual([...scene.checks.states()], []);
  assert.equal(scene.clock.pendingCount, 0);
});

test('a service without health is not asked', async () => {
  await using scene = new Scene();

  scene.apply(checked({ health: undefined }));

  assert.equal(scene.clock.pendingCount, 0);
  assert.deepEqual([...scene.checks.states()], []);
});

function endless(code: number) {
  return (response: ServerResponse) => void response.writeHead(code).write('x');
}
