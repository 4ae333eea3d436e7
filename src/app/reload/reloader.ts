import type { Clock, Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import { isSameFacts } from '../../policy/source/file-facts.ts';
import type { Facts } from '../../policy/source/file-facts.ts';
import type { PolicyText } from '../../policy/source/read-set.ts';
import type { Log } from '../../record/record.ts';
import { FileWatch } from './file-watch.ts';
import { loadWhole } from './load-whole.ts';
import type { Gateway } from '../gateway.ts';
import type { Generations } from '../state/generations.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';

type GoodSet = Extract<LoadedSet, { kind: 'ok' }>;
type RefusedSet = Extract<LoadedSet, { kind: 'errors' }>;

export interface ReloaderOptions {
  readonly gateway: Gateway;
  /** The set that the gateway runs. */
  readonly set: GoodSet;
  /** `texts`: policy files to take instead of those of the directory. */
  readonly load: (generation: number, texts?: readonly PolicyText[]) => Promise<LoadedSet>;
  /** Shows the issues of a set; `kept` is the generation that goes on. */
  readonly report: (set: LoadedSet, kept: number) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined: none are kept, and nobody can go back. */
  readonly generations?: Generations | undefined;
}

export type ReloadOutcome =
  | { readonly kind: 'taken'; readonly generation: number }
  | { readonly kind: 'refused'; readonly errors: string };

/** Who writes for so long, and leaves a broken set each time, is told of it. */
const MAX_DOUBTS = 10;

/**
 * Loads the set when somebody asks for it, and by itself when a file that it was made of has changed. A set with errors
 * changes nothing of the policy; certificates, keys and secrets that are new take effect all the same, under the last
 * good text of the policy.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: FileWatch;
  /** What the gateway runs. */
  #running: GoodSet;
  /** As they were when they were read last, for the running set or a refused one. */
  #facts: Facts;
  /** Files that gave a set which may be half written. */
  #doubted: Facts | undefined;
  #doubts = 0;
  #retry: Timer | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#running = options.set;
    this.#facts = options.set.facts;
    this.#watch = new FileWatch({
      clock: options.clock,
      policy: () => options.gateway.snapshot.gateway.watch,
      known: () => this.#facts,
      onChange: () => this.#filesChanged(),
    });
  }

  async start(): Promise<void> {
    if (this.#pinned !== undefined) this.#notePinned(this.#pinned);
    await this.#keep(this.#running);
    await this.#watch.renew();
  }

  /** What is asked for from now on is not done: the gateway is about to end. */
  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#watch.stop();
  }

  /** Somebody asks for it. One reload after another; never rejects. */
  reload(): Promise<ReloadOutcome> {
    return this.#enqueue(() => this.#reload({ isAsked: true }));
  }

  /**
   * Serves an earlier policy with the certificates and secrets of now, and stays with it until `release` or an asked
   * reload. Refused, and nothing is changed, where that policy cannot be served as it was. Default: the one before.
   */
  rollback(generation?: number): Promise<ReloadOutcome> {
    return this.#enqueue(() => this.#rollback(generation));
  }

  /** Back to the files of the directory. */
  release(): Promise<ReloadOutcome> {
    return this.reload();
  }

  #filesChanged(): void {
    void this.#enqueue(() => this.#reload({ isAsked: false }));
  }

  #enqueue(work: () => Promise<ReloadOutcome>): Promise<ReloadOutcome> {
    const done = this.#queue.then(async () => {
      if (this.#isStopped) return refusedFor('the gateway is stopping');
      try {
        return await work();
      } catch (error) {
        return this.#refuse(error instanceof Error ? error.message : String(error));
      } finally {
        if (!this.#isStopped) await this.#watch.renew();
      }
    });
    this.#queue = done;
    return done;
  }

  async #reload({ isAsked }: { readonly isAsked: boolean }): Promise<ReloadOutcome> {
    this.#retry?.cancel();
    if (!isAsked && this.#pinned !== undefined) return this.#renewPinned(this.#running);
    const set = await this.#load();
    if (set === undefined) return this.#refuse('the files changed each time while they were read');
    // Of a refused set the files of the running one are watched too: their correction counts.
    this.#facts = set.kind === 'ok' ? set.facts : new Map([...this.#running.facts, ...set.facts]);
    if (!isAsked && this.#isDoubtful(set)) return this.#tryAgain(set);
    this.#doubted = undefined;
    this.#doubts = 0;
    if (set.kind === 'errors') return this.#keepText(set);
    if (isAsked) await this.#unpin();
    if (!isAsked && isSameSet(set, this.#running)) return this.#sameAsBefore();
    return this.#serve(set);
  }

  #load(texts?: readonly PolicyText[]): Promise<LoadedSet | undefined> {
    const { gateway, load, clock } = this.#options;
    const next = gateway.snapshot.generation + 1;
    const pauseMs = gateway.snapshot.gateway.watch?.settleMs ?? DEADLINES.watchSettleMs;
    const pause = () => new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    return loadWhole(() => load(next, texts), pause);
  }

  /**
   * A file that is being written gives errors, or, cut off at the end of a line, a policy that lacks its rest. Seen a
   * second time, unchanged, it is meant.
   */
  #isDoubtful(set: LoadedSet): boolean {
    if (this.#doubts >= MAX_DOUBTS) return false;
    if (this.#doubted !== undefined && isSameFacts(this.#doubted, set.facts)) return false;
    return set.kind === 'errors' || set.texts.some(({ text }) => !text.endsWith('\n'));
  }

  #tryAgain(set: LoadedSet): ReloadOutcome {
    const { gateway, clock, log } = this.#options;
    this.#doubted = set.facts;
    this.#doubts += 1;
    const { settleMs } = gateway.snapshot.gateway.watch ?? { settleMs: DEADLINES.watchSettleMs };
    this.#retry = clock.after(2 * settleMs, () => this.#filesChanged());
    log.debug('the changed files may be half written: they are read once more');
    return refusedFor('the files may be half written');
  }

  async #serve(set: GoodSet): Promise<ReloadOutcome> {
    const { gateway, report } = this.#options;
    report(set, gateway.snapshot.generation);
    await gateway.reload(set);
    this.#running = set;
    await this.#keep(set);
    return { kind: 'taken', generation: set.snapshot.generation };
  }

  #sameAsBefore(): ReloadOutcome {
    const { gateway } = this.#options;
    gateway.noteRefused(undefined);
    return { kind: 'taken', generation: gateway.snapshot.generation };
  }

  /** The set is refused; new certificates and secrets under the text that runs are not. */
  async #keepText(set: RefusedSet): Promise<ReloadOutcome> {
    const { gateway, log, report } = this.#options;
    const renewed = await this.#load(this.#running.texts);
    if (renewed?.kind === 'ok' && !isSameDigests(renewed, this.#running)) {
      await gateway.reload(renewed);
      this.#running = renewed;
      log.warn('new certificates, keys or secrets are in use under the last good policy text', {
        generation: renewed.snapshot.generation,
      });
    }
    if (renewed !== undefined) this.#facts = new Map([...renewed.facts, ...this.#facts]);
    report(set, gateway.snapshot.generation);
    return { kind: 'refused', errors: gateway.noteRefused(set) };
  }

  get #pinned(): number | undefined {
    return this.#options.generations?.pinned;
  }

  #notePinned(pinned: number): void {
    const { gateway, log } = this.#options;
    gateway.notePinned(pinned);
    log.warn('an earlier policy is served until "fairlead rollback --release" or a reload', {
      pinned,
    });
  }

  async #unpin(): Promise<void> {
    await this.#options.generations?.release();
    this.#options.gateway.notePinned(undefined);
  }

  async #rollback(wanted: number | undefined): Promise<ReloadOutcome> {
    const { generations, gateway, report } = this.#options;
    if (generations === undefined) return refusedFor(NO_STATE);
    const kept =
      wanted === undefined ? generations.before(this.#running.hash) : generations.find(wanted);
    if (kept === undefined) return refusedFor(notKept(wanted, generations));
    const set = await this.#load(kept.files);
    if (set === undefined) return refusedFor('the files changed each time while they were read');
    // What it needs is gone: the policy of now is closer to what the operator wants than half of the old one.
    if (set.kind === 'errors') return refusedFor(formatIssues(set.issues, { format: 'text' }));
    this.#retry?.cancel();
    await generations.pin(kept.generation);
    report(set, gateway.snapshot.generation);
    await gateway.reload(set);
    this.#notePinned(kept.generation);
    this.#running = set;
    this.#facts = set.facts;
    return { kind: 'taken', generation: set.snapshot.generation };
  }

  /** Files of the pinned policy changed, which are certificates and secrets: its text stays. */
  async #renewPinned(pinned: GoodSet): Promise<ReloadOutcome> {
    const { gateway } = this.#options;
    const set = await this.#load(pinned.texts);
    if (set === undefined) return this.#refuse('the files changed each time while they were read');
    this.#facts = new Map([...pinned.facts, ...set.facts]);
    if (this.#isDoubtful(set)) return this.#tryAgain(set);
    if (set.kind === 'errors') return { kind: 'refused', errors: gateway.noteRefused(set) };
    if (isSameSet(set, pinned)) return this.#sameAsBefore();
    await gateway.reload(set);
    this.#running = set;
    return { kind: 'taken', generation: set.snapshot.generation };
  }

  /** A disk that is full must not keep a policy from being served. */
  async #keep(set: GoodSet): Promise<void> {
    const { generations, clock, log } = this.#options;
    if (generations === undefined || this.#pinned !== undefined) return;
    try {
      await generations.keep(set, clock.now());
    } catch (error) {
      log.error('the generation was not kept: nobody can go back to it', {
        generation: set.snapshot.generation,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #refuse(why: string): ReloadOutcome {
    this.#options.gateway.noteRefused(why);
    return refusedFor(why);
  }
}

const NO_STATE =
  'no generations are kept: set gateway.state, or $STATE_DIRECTORY, and start the gateway again';

function notKept(wanted: number | undefined, { list }: Generations): string {
  if (wanted === undefined) return 'no policy with another text is kept';
  const numbers = list.map(({ generation }) => generation).join(', ');
  return `generation ${wanted} is not kept; there are ${numbers}`;
}

function refusedFor(errors: string): ReloadOutcome {
  return { kind: 'refused', errors };
}

function isSameSet(left: LoadedSet, right: LoadedSet): boolean {
  return left.hash === right.hash && isSameDigests(left, right);
}

function isSameDigests({ digests }: LoadedSet, right: LoadedSet): boolean {
  return isSameFacts(digests, right.digests);
}
