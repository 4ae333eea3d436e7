import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { LocalShare } from './local-share.ts';
import type { ScriptRunner } from './script-runner.ts';
import { WINDOW_SCRIPT } from './scripts.ts';

export interface WindowLimiterOptions {
  readonly runner: ScriptRunner;
  /** Arguments of the script beside those of rate-limiter-flexible: the burst, and the seconds of its window. */
  readonly burst: readonly string[];
  /** Tokens of a window. */
  readonly points: number;
  /** Of a window, in seconds. */
  readonly duration: number;
  /** Counts while the store is away; default: a call rejects then. */
  readonly insurance?: LocalShare | undefined;
}

/** rate-limiter-flexible over our script and our way to Redis. */
export function windowLimiter(options: WindowLimiterOptions): RateLimiterRedis {
  const { runner, burst, points, duration, insurance } = options;
  return new RateLimiterRedis({
    storeClient: windowClient(runner, burst),
    useRedisPackage: true,
    // With a prefix of its own it would put one before ours, which begins with the slot.
    keyPrefix: '',
    points,
    duration,
    ...(insurance !== undefined && { insuranceLimiter: insurance }),
  });
}

/** The part of a client that rate-limiter-flexible uses, with the script that knows of a burst. */
function windowClient(runner: ScriptRunner, burst: readonly string[]) {
  return {
    eval(_script: string, call: { readonly keys: string[]; readonly arguments: string[] }) {
      const keys = [call.keys[0]!, `${call.keys[0]!}:burst`];
      return runner.run(WINDOW_SCRIPT, { keys, arguments: [...call.arguments, ...burst] });
    },
  };
}
