import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameTalk } from '../support/recordings/compare-transcripts.ts';
import { readRecording, type Row } from '../support/recordings/recording.ts';
import { ReplayRouter } from '../support/recordings/replay-router.ts';
import { Transcript } from '../support/recordings/transcript.ts';
import { RECORDINGS, type RecordingPlan } from './recordings.ts';

/** The recorded router's side is said to our client; it must say what the recorded client said. */
for (const plan of RECORDINGS.filter((it) => it.client !== 'left out')) {
  test(`says in ${plan.name} what the recorded client said (${plan.client})`, () => replay(plan));
}

/** What our client may say or not, whatever the recorded one did. */
const FREE: readonly (readonly [RegExp, string])[] = [
  [/^open /, 'its own name and limits'],
  [/^(close|fin)/, 'the test ends before'],
  [/ delivery 0 settled$/, 'settling before the abort is allowed, not needed (section 11)'],
];

async function replay(plan: RecordingPlan): Promise<void> {
  const rows = usable(plan);
  const settled = settledResponses(rows);
  const clean = cleanLanes(rows);
  const said = saidByClient(rows);
  const isOptional = (statement: string): boolean =>
    FREE.some(([pattern]) => pattern.test(statement)) ||
    isForNobody(statement, said) ||
    (/^lane \d+ end$/.test(statement) && !said.includes(statement)) ||
    // Ours keeps them for the next stream (section 9).
    clean.some((lane) => statement === `lane ${lane} end`) ||
    settled.some((response) => statement === `${response} accepted settled`);

  const { recorded, actual } = await ReplayRouter.run(rows, isOptional);

  assertSameTalk({ recorded, actual, isOptional, comparesOctets: plan.leavesUnsaid !== true });
  assert.ok(actual.statements.length > 5);
}

/** Up to where the recorded client closed the connection. */
function usable(plan: RecordingPlan): readonly Row[] {
  const rows = readRecording(plan.name);
  const close = rows.findIndex((row) => row.direction === 'C>R' && isClose(row));
  return close < 0 ? rows : rows.slice(0, close);
}

function isClose(row: Row): boolean {
  return row.kind === 'fin' || (row.kind === 'frame' && row.performative.kind === 'close');
}

/** Responses that came settled: these need no disposition, and it does no harm (section 8). */
function settledResponses(rows: readonly Row[]): readonly string[] {
  const responses: string[] = [];
  let lane = -1;
  for (const row of rows) {
    if (row.kind !== 'frame' || row.direction !== 'R>C') continue;
    if (row.performative.kind === 'begin') lane += 1;
    if (row.performative.kind !== 'transfer' || row.performative.settled !== true) continue;
    responses.push(`lane ${lane} outcome ${row.performative.deliveryId ?? 0}`);
  }
  return responses;
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

/** Everything the recorded client said. */
function saidByClient(rows: readonly Row[]): readonly string[] {
  const transcript = new Transcript();
  for (const row of rows) {
    if (row.kind === 'frame' && row.direction === 'C>R') transcript.frame(row);
  }
  return transcript.statements;
}

/** The recorded client gave credit for another response as soon as one ended; ours does for a stream. */
function isForNobody(statement: string, said: readonly string[]): boolean {
  const credit = /^(lane \d+) credit ([1-9]\d*) \+ 1$/.exec(statement);
  if (credit === null) return false;
  return !said.some((it) => it.startsWith(`${credit[1]} delivery ${credit[2]} opening`));
}
