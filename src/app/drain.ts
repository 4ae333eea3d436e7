import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Listener } from '../listener/listener.ts';
import type { Passthrough, Pipeline } from '../pipeline/pipeline.ts';
import type { Log } from '../record/record.ts';

export interface DrainParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: Listener;
  readonly pipeline: Pipeline;
  readonly passthrough: Passthrough;
  readonly delayMs: number;
  readonly limitMs: number;
}

/**
 * From unready to empty: wait until balancers have noticed, close the ports, tell clients to go, let
 * what is in flight finish, and cut what is left at the limit. Resolves when no client connection is open.
 */
export async function drain(parts: DrainParts): Promise<void> {
  const { clock, log, listener, pipeline, passthrough, delayMs, limitMs } = parts;
  const inFlight = () => ({
    in_flight: pipeline.openCount,
    passthrough: passthrough.openCount,
  });
  log.info('draining: no longer ready', { delay_ms: delayMs, limit_ms: limitMs });
  await passed(clock, delayMs);
  listener.stopAccepting();
  listener.startClosing();
  log.info('draining: ports closed', inFlight());
  const closed = listener.closed().then(() => 'closed' as const);
  const outcome = await Promise.race([closed, passed(clock, limitMs).then(() => 'limit' as const)]);
  if (outcome === 'closed') return log.info('draining: every exchange finished');
  log.warn('draining: limit reached, cutting the remaining connections', inFlight());
  const error = new GatewayError('draining', { detail: `drain.limit of ${limitMs} ms passed` });
  pipeline.abortAll(error);
  passthrough.abortAll(error);
  // Resets of HTTP/2 streams are written in the next turn; without them a cut could pass for an end.
  await turn();
  await turn();
  listener.destroyAll();
  await closed;
}

function passed(clock: Clock, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.after(ms, resolve);
  return promise;
}
