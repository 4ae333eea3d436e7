import type { ScriptRunner } from './script-runner.ts';
import { WINDOW_SCRIPT } from './scripts.ts';

/** The part of a client that rate-limiter-flexible uses, with the script that knows of a burst. */
export function windowClient(runner: ScriptRunner, burst: readonly string[]) {
  return {
    eval(_script: string, call: { readonly keys: string[]; readonly arguments: string[] }) {
      const keys = [call.keys[0]!, `${call.keys[0]!}:burst`];
      return runner.run(WINDOW_SCRIPT, { keys, arguments: [...call.arguments, ...burst] });
    },
  };
}
