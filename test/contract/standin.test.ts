import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/app/system-clock.ts';
import { Backend, closedPort } from '../support/applications/backend.ts';
import { assertSameTalk } from '../support/recordings/compare-transcripts.ts';
import { FakeClock } from '../support/fakes/fake-clock.ts';
import { backendSteps, playBackend } from '../support/recordings/recorded-backend.ts';
import { readRecording, type Row } from '../support/recordings/recording.ts';
import { ReplayClient } from '../support/recordings/replay-client.ts';
import { startStandin } from '../support/routers/standin.ts';
import { Transcript } from '../support/recordings/transcript.ts';
import { optionalStatements, RECORDINGS, type RecordingPlan } from './recordings.ts';

/** The recorded client's side is said to the stand-in; it must answer as the recorded router did. */
for (const plan of RECORDINGS.filter((it) => it.standin !== 'left out')) {
  test(`answers ${plan.name} as the real router did (${plan.standin})`, () => replay(plan));
}

async function replay(plan: RecordingPlan): Promise<void> {
  const rows = readRecording(plan.name);
  const clock = new FakeClock();
  await using backend = await scriptedBackend(plan, rows);
  await using standin = await startStandin({
    id: 'A',
    clock: plan.silenceMs === undefined ? systemClock : clock,
  });
  const routingKey = rows.some((row) => mentions(row, 'raw:1')) ? 'raw:1' : 'web:8080';
  standin.router.addConnector(routingKey, backend.address);
  standin.router.addConnector('refused:1', { host: '127.0.0.1', port: await closedPort() });
  const recorded = routerSide(rows);
  const optional = optionalStatements(plan, recorded.statements.join().includes('close'));
  const isOptional = (statement: string): boolean => optional.some(([it]) => it.test(statement));

  const actions = new Map<number, () => void>();
  for (const [row, action] of Object.entries(plan.actions ?? {})) {
    const target = { routingKey, address: backend.address };
    actions.set(Number(row), () => action(standin.router, target));
  }
  const { silenceMs } = plan;
  if (silenceMs !== undefined) actions.set(10, () => clock.advance(silenceMs));
  const actual = await ReplayClient.run({
    link: standin.link,
    rows,
    actions,
    isOptional,
    sendsEarly: plan.sendsEarly ?? false,
  });

  assertSameTalk({ recorded, actual, isOptional, comparesOctets: true });
  assert.deepEqual(
    standin.router.violations.map(({ kind }) => kind),
    plan.violation === undefined ? [] : [plan.violation],
  );
}

function routerSide(rows: readonly Row[]): Transcript {
  const transcript = new Transcript();
  for (const row of rows) {
    if (row.direction !== 'R>C') continue;
    if (row.kind === 'header') transcript.header(row.protocol);
    if (row.kind === 'frame') transcript.frame(row);
    if (row.kind === 'fin') transcript.fin();
  }
  return transcript;
}

/** The recorded application: each connection plays the next stream's steps. */
function scriptedBackend(plan: RecordingPlan, rows: readonly Row[]): Promise<Backend> {
  const streams = [...backendSteps(rows).entries()].map(([at, steps]) =>
    plan.endedByNetwork?.includes(at) === true ? steps.filter(({ kind }) => kind !== 'end') : steps,
  );
  return Backend.start((socket) =>
    playBackend(socket, streams.shift() ?? [], plan.isReset ?? false),
  );
}

function mentions(row: Row, address: string): boolean {
  if (row.kind !== 'frame' || row.performative.kind !== 'attach') return false;
  return row.performative.target?.address === address;
}
