import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { CallGuard, MAX_CALLS_IN_FLIGHT } from '../../../../../src/plugin/host/call/call-guard.ts';
import { resultFault } from '../../../../../src/plugin/host/kinds/check-result.ts';
import type { AuthResult, Call } from '../../../../../src/plugin/contract.ts';
import type { Guarded } from '../../../../../src/plugin/host/call/guarded.ts';
import { FakeClock } from '../../../../support/fakes/fake-clock.ts';
import { turns } from '../../../../support/plugins/plugin-host.ts';

const PASS: AuthResult = { kind: 'pass' };
const NEVER_ABORTED = new AbortController().signal;
const never = (): Promise<AuthResult> => new Promise(() => {});

function setUp() {
  const clock = new FakeClock();
  const opened: boolean[] = [];
  const guard = new CallGuard({
    clock,
    timeoutMs: 2000,
    onIdle: () => {},
    onFailure: (_error, hasOpened) => opened.push(hasOpened),
  });
  const run = (
    ask: (call: Call) => unknown,
    signal: AbortSignal = NEVER_ABORTED,
  ): Guarded<AuthResult> =>
    guard.run(() => signal, ask as (call: Call) => AuthResult, {
      call: (made, call) => made(call),
      fault: resultFault,
    });
  return { clock, guard, opened, run };
}

function codeOf(outcome: unknown): string | undefined {
  const { kind, reason } = outcome as { kind: string; reason?: { code: string } };
  return kind === 'error' ? reason?.code : undefined;
}

test('a value stays a value, and no timer is set for it', () => {
  const { clock, run } = setUp();

  const outcome = run(() => PASS);

  assert.equal(outcome, PASS);
  assert.equal(clock.pendingCount, 0);
});

test('a call that is answered at once does not ask for the signal of the exchange', () => {
  const { guard } = setUp();
  let asked = 0;
  const signal = (): AbortSignal => {
    asked += 1;
    return NEVER_ABORTED;
  };

  guard.run<undefined, AuthResult>(signal, undefined, { call: () => PASS, fault: resultFault });

  assert.equal(asked, 0);
});

test('a promise is waited for, and its timer and listener are taken back', async () => {
  const { clock, guard, run } = setUp();
  const { signal } = new AbortController();

  const outcome = await run(() => Promise.resolve(PASS), signal);

  assert.equal(outcome, PASS);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.equal(clock.pendingCount, 0);
  await turns();
  assert.equal(guard.inFlight, 0);
});

test('a throw is an error, and its message, which may quote a credential, is not repeated', () => {
  const { run } = setUp();

  const outcome = run(() => JSON.parse('secret-token'));

  assert.equal(codeOf(outcome), 'plugin.threw');
  assert.doesNotMatch(JSON.stringify(outcome), /secret/);
});

test('a rejection is an error', async () => {
  const { run } = setUp();

  const outcome = await run(() => Promise.reject(new Error('no')));

  assert.equal(codeOf(outcome), 'plugin.threw');
});

test('a promise of a malformed result is an error', async () => {
  const { run } = setUp();

  const outcome = await run(() => Promise.resolve({ kind: 'allow' }));

  assert.equal(codeOf(outcome), 'plugin.malformed_result');
});

test('no answer within the time of the provider is an error, and the call is aborted', async () => {
  const { clock, run } = setUp();
  const signals: AbortSignal[] = [];

  const outcome = run((call) => {
    signals.push(call.signal);
    return never();
  });
  clock.advance(1999);
  const wasAborted = signals[0]?.aborted;
  clock.advance(1);

  assert.equal(wasAborted, false);
  assert.equal(signals[0]?.aborted, true);
  assert.equal(codeOf(await outcome), 'plugin.timeout');
});

test('an answer after the timeout changes nothing', async () => {
  const { clock, opened, run } = setUp();
  const late = Promise.withResolvers<unknown>();

  const outcome = run(() => late.promise);
  clock.advance(2000);
  late.resolve({ kind: 'nonsense' });
  await turns();

  assert.equal(codeOf(await outcome), 'plugin.timeout');
  assert.equal(opened.length, 1);
});

test('a client that goes away ends the call and does not count as a failure', async () => {
  const { clock, opened, run } = setUp();
  const exchange = new AbortController();
  const signals: AbortSignal[] = [];

  const outcome = run((call) => {
    signals.push(call.signal);
    return never();
  }, exchange.signal);
  exchange.abort();

  assert.equal(codeOf(await outcome), 'plugin.aborted');
  assert.equal(signals[0]?.aborted, true);
  assert.equal(opened.length, 0);
  assert.equal(clock.pendingCount, 0);
});

test('a call whose client is gone already has an aborted signal', async () => {
  const { run } = setUp();
  const signals: AbortSignal[] = [];

  const outcome = run((call) => {
    signals.push(call.signal);
    return never();
  }, AbortSignal.abort());

  assert.equal(codeOf(await outcome), 'plugin.aborted');
  assert.equal(signals[0]?.aborted, true);
});

test('the call after a thousand in flight is refused without asking the plugin', async () => {
  const { guard, run } = setUp();
  const waiting = Promise.withResolvers<AuthResult>();
  for (let i = 0; i < MAX_CALLS_IN_FLIGHT; i += 1) void run(() => waiting.promise);
  let asked = false;

  const outcome = run(() => {
    asked = true;
    return PASS;
  });

  assert.equal(codeOf(outcome), 'plugin.busy');
  assert.equal(asked, false);
  waiting.resolve(PASS);
  await turns();
  assert.equal(guard.inFlight, 0);
  assert.equal(
    run(() => PASS),
    PASS,
  );
});

test('a call that hangs past its timeout still counts as in flight', async () => {
  const { clock, guard, run } = setUp();

  const outcome = run(never);
  clock.advance(2000);
  await outcome;

  assert.equal(guard.inFlight, 1);
});

test('five failures in ten seconds open the circuit for five seconds', () => {
  const { clock, opened, run } = setUp();
  for (let i = 0; i < 5; i += 1) {
    if (i > 0) clock.advance(2000);
    run(() => undefined);
  }
  clock.advance(4999);

  const whileOpen = run(() => PASS);
  clock.advance(1);
  const afterwards = run(() => PASS);

  assert.deepEqual(opened, [false, false, false, false, true]);
  assert.equal(codeOf(whileOpen), 'plugin.circuit_open');
  assert.equal(afterwards, PASS);
});

test('five failures that do not fall into ten seconds leave the circuit closed', () => {
  const { clock, run } = setUp();
  for (let i = 0; i < 5; i += 1) {
    run(() => undefined);
    clock.advance(2500);
  }

  const outcome = run(() => PASS);

  assert.equal(outcome, PASS);
});
