import type { AdminAction } from '../../admin/admin-sources.ts';
import type { ReloadOutcome, Reloader } from './reloader.ts';

/** What the admin listener can have a reloader do, by path. */
export function reloadActions(reloader: Reloader): ReadonlyMap<string, AdminAction> {
  return new Map<string, AdminAction>([
    ['/-/reload', async () => answerOf(await reloader.reload())],
    ['/-/rollback', (sent) => rollback(reloader, sent)],
  ]);
}

/** `{}`: to the policy before. `{ "generation": 3 }`: to that one. `{ "release": true }`: to the files again. */
async function rollback(reloader: Reloader, sent: unknown = {}): ReturnType<AdminAction> {
  const { generation, release, ...rest } = sent as Record<string, unknown>;
  const isNumber = generation === undefined || Number.isSafeInteger(generation);
  const isRelease = release === undefined || release === true;
  const isBoth = generation !== undefined && release !== undefined;
  if (!isNumber || !isRelease || isBoth || Object.keys(rest).length > 0) {
    return { status: 400, value: { kind: 'refused', errors: ROLLBACK_WANTED } };
  }
  if (release === true) return answerOf(await reloader.release());
  return answerOf(await reloader.rollback(generation as number | undefined));
}

const ROLLBACK_WANTED = 'wanted {}, { "generation": number } or { "release": true }';

/** 422 (RFC 9110 15.5.21): the request is well-formed, and what it asks for is not possible. */
function answerOf(outcome: ReloadOutcome): Awaited<ReturnType<AdminAction>> {
  return { status: outcome.kind === 'refused' ? 422 : 200, value: outcome };
}
