import type { ConfigStatus } from '../../admin/admin-sources.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';
import { certificateStatuses } from './certificate-statuses.ts';
import { RecentChanges } from './recent-changes.ts';
import { refusedStatus } from './refused-status.ts';
import type { RefusedSet } from './refused-status.ts';

type GoodSet = Extract<LoadedSet, { kind: 'ok' }>;

/** Which policy serves, since when, what it changed, and what was not taken in its place: for `/-/config`. */
export class ConfigReport {
  readonly #changes = new RecentChanges();
  #set: GoodSet;
  #sinceMs = 0;
  #pinned: number | undefined;
  #refused: ConfigStatus['refused'];

  constructor(set: GoodSet) {
    this.#set = set;
  }

  /** The errors of a set that was not taken, as text; undefined: the files are served. */
  get refused(): string | undefined {
    return this.#refused?.errors;
  }

  served(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  replaced(set: GoodSet): void {
    this.#changes.note(this.#set, set);
    this.#set = set;
    this.#refused = undefined;
  }

  /** Undefined: the files are good again. */
  noteRefused(refused: RefusedSet | string | undefined, nowMs: number): void {
    this.#refused = refused === undefined ? undefined : refusedStatus(refused, nowMs);
  }

  /** The earlier generation that an operator went back to; undefined: the files are served. */
  notePinned(generation: number | undefined): void {
    this.#pinned = generation;
  }

  status(
    { generation, hash, certificateTerms }: PolicySnapshot,
    nowMs: number,
    rest: Pick<ConfigStatus, 'generations' | 'notReplaced'>,
  ): ConfigStatus {
    const running = {
      generation,
      hash,
      since: new Date(this.#sinceMs).toISOString(),
      files: this.#set.texts.map(({ name }) => name),
      ...(this.#pinned !== undefined && { pinned: this.#pinned }),
    };
    const changes = this.#changes.list;
    const certificates = certificateStatuses(certificateTerms, nowMs);
    return { running, changes, refused: this.#refused, ...rest, certificates };
  }
}
