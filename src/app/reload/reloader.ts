import type { Clock } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import type { Log } from '../../record/record.ts';
import { FileWatch } from './file-watch.ts';
import type { Gateway } from '../gateway.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';

export interface ReloaderOptions {
  readonly gateway: Gateway;
  /** The set that the gateway runs. */
  readonly set: LoadedSet;
  readonly load: (generation: number) => Promise<LoadedSet>;
  /** Shows the issues of a set; `kept` is the generation that goes on. */
  readonly report: (set: LoadedSet, kept: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Loads the set anew when told to, and by itself when a certificate, key or link file that it names has
 * changed (H8). A set with errors changes nothing but what is reported.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: FileWatch;
  #material: readonly string[];
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#material = options.set.material;
    this.#watch = new FileWatch({
      clock: options.clock,
      everyMs: DEADLINES.credentialPollMs,
      files: () => this.#material,
      onChange: () => void this.#credentialsChanged(),
    });
  }

  /** `loadedMs`: when the loading of the running set began, by the wall clock. */
  start(loadedMs?: number): Promise<void> {
    return this.#watch.start(loadedMs);
  }

  /** What is asked for from now on is not done: the gateway is about to end. */
  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
  }

  /** One reload after another: asked for during one there is one more afterwards. Never rejects. */
  reload(): Promise<void> {
    this.#running = this.#running.then(() => this.#reload());
    return this.#running;
  }

  #credentialsChanged(): Promise<void> {
    this.#options.log.info('a certificate, key or link file changed: loading the set again');
    return this.reload();
  }

  async #reload(): Promise<void> {
    if (this.#isStopped) return;
    const { gateway, load, report } = this.#options;
    const { generation } = gateway.snapshot;
    try {
      const set = await load(generation + 1);
      report(set, generation);
      // What a refused set names is watched too: its correction may be a file that only it names.
      this.#material =
        set.kind === 'ok' ? set.material : [...new Set([...this.#material, ...set.material])];
      if (set.kind === 'ok') await gateway.reload(set);
      else gateway.noteRefused(formatIssues(set.issues, { format: 'text' }));
    } catch (error) {
      gateway.noteRefused(error instanceof Error ? error.message : String(error));
    }
  }
}
