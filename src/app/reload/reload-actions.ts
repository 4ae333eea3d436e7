import type { AdminAction } from '../../admin/admin-sources.ts';
import type { ReloadOutcome, Reloader } from './reloader.ts';

/** What the admin listener can have a reloader do, by path. */
export function reloadActions(reloader: Reloader): ReadonlyMap<string, AdminAction> {
  return new Map<string, AdminAction>([
    ['/-/reload', async () => answerOf(await reloader.reload())],
  ]);
}

/** 422 (RFC 9110 15.5.21): the request is well-formed, and what it asks for is not possible. */
function answerOf(outcome: ReloadOutcome): Awaited<ReturnType<AdminAction>> {
  return { status: outcome.kind === 'refused' ? 422 : 200, value: outcome };
}
