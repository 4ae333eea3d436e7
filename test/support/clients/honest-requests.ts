import { setTimeout as passed } from 'node:timers/promises';
import type { Dispatcher } from 'undici';

/** A gateway that answers requests over HTTP/1.1. */
export interface Answering {
  request(path: string, options: { readonly host: string }): Promise<Dispatcher.ResponseData>;
}

/** So many requests, one after the other with pauses in between; returns how often each status came. */
export async function honestRequests(
  gateway: Answering,
  {
    host,
    count,
    pauseMs,
  }: { readonly host: string; readonly count: number; readonly pauseMs: number },
): Promise<Readonly<Record<number, number>>> {
  const statuses: Record<number, number> = {};
  for (let i = 0; i < count; i += 1) {
    const { statusCode, body } = await gateway.request('/', { host });
    await body.dump();
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    await passed(pauseMs);
  }
  return statuses;
}
