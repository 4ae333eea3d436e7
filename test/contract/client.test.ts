import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameTalk } from '../support/compare-transcripts.ts';
import { readRecording, type Row } from '../support/recording.ts';
import { ReplayRouter } from '../support/replay-router.ts';
import { RECORDINGS, type RecordingPlan } from './recordings.ts';

/** The recorded router's side is said to our client; it must say what the recorded client said. */
for (const plan of RECORDINGS.filter((it) => it.client !== 'left out')) {
  test(`says in ${plan.name} what the recorded client said (${plan.client})`, () => replay(plan));
}

/** What our client may say or not, whatever the recorded one did. */
const FREE: readonly (readonly [RegExp, string])[] = [
  [/^open /, 'its own name and limits'],
  [/^(close|fin)/, 'the test ends before'],
  [/ credit [1-9]\d* \+ 1$/, 'the recorded client made the lane ready for another stream'],
  [/ delivery 0 settled$/, 'settling before the abort is allowed, not needed (section 11)'],
];

async function replay(plan: RecordingPlan): Promise<void> {
  const rows = usable(plan);
  const settled = settledLanes(rows);
  const clean = cleanLanes(rows);
  const isRecorded = (statement: string): boolean => ended(rows).has(statement);
  const isOptional = (statement: string): boolean =>
    FREE.some(([pattern]) => pattern.test(statement)) ||
    (/^lane \d+ end$/.test(statement) && !isRecorded(statement)) ||
    // Ours keeps them for the next stream (section 9).
    clean.some((lane) => statement === `lane ${lane} end`) ||
    settled.some((lane) => statement === `lane ${lane} outcome 0 accepted settled`);

  const { recorded, actual } = await ReplayRouter.run(rows, isOptional);

  assertSameTalk({ recorded, actual, isOptional, comparesOctets: plan.leavesUnsaid !== true });
  assert.ok(actual.statements.length > 5);
}

/** Up to where the recorded client closed the connection, or did what ours does not. */
function usable(plan: RecordingPlan): readonly Row[] {
  const rows = readRecording(plan.name).filter(({ n }) => n <= (plan.clientUpTo ?? Infinity));
  const close = rows.findIndex((row) => row.direction === 'C>R' && isClose(row));
  return close < 0 ? rows : rows.slice(0, close);
}

function isClose(row: Row): boolean {
  return row.kind === 'fin' || (row.kind === 'frame' && row.performative.kind === 'close');
}

/** Lanes whose response came settled: it needs no disposition, and does no harm (section 8). */
function settledLanes(rows: readonly Row[]): readonly number[] {
  const lanes: number[] = [];
  let lane = -1;
  for (const row of rows) {
    if (row.kind !== 'frame' || row.direction !== 'R>C') continue;
    if (row.performative.kind === 'begin') lane += 1;
    const isSettled = row.performative.kind === 'transfer' && row.performative.settled === true;
    if (isSettled) lanes.push(lane);
  }
  return lanes;
}

/** Lanes whose stream ended clean both ways, so that their links could carry another. */
function cleanLanes(rows: readonly Row[]): readonly number[] {
  const ends = new Map<number, { isAccepted?: true; isComplete?: true; isSpoilt?: true }>();
  let lane = -1;
  for (const row of rows) {
    if (row.kind !== 'frame') continue;
    const { performative: said } = row;
    if (said.kind === 'begin' && row.direction === 'C>R') ends.set((lane += 1), {});
    const end = ends.get(lane);
    if (end === undefined) continue;
    if (said.kind === 'transfer' && said.aborted === true) end.isSpoilt = true;
    if (row.direction === 'C>R') continue;
    if (said.kind === 'transfer' && said.more !== true) end.isComplete = true;
    if (said.kind === 'disposition' && said.state?.kind === 'accepted') end.isAccepted = true;
  }
  return [...ends]
    .filter(([, end]) => end.isAccepted && end.isComplete && !end.isSpoilt)
    .map(([at]) => at);
}

/** The `end` statements of the recorded client; where it has none ours may end a lane all the same. */
function ended(rows: readonly Row[]): ReadonlySet<string> {
  const statements = new Set<string>();
  let lane = -1;
  for (const row of rows) {
    if (row.kind !== 'frame' || row.direction !== 'C>R') continue;
    if (row.performative.kind === 'begin') lane += 1;
    if (row.performative.kind === 'end') statements.add(`lane ${lane} end`);
  }
  return statements;
}
