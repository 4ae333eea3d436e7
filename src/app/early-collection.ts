import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 begins to collect buffers that nobody holds any more only when there are about 64 MiB of them, so a
 * gateway that copies octets from socket to socket keeps that much garbage. A minor collection after
 * every 16 MiB takes one to two milliseconds and keeps the process about 20 MB smaller
 * (docs/decisions/0005-early-collection.md).
 */
const COLLECT_EVERY_BYTES = 16 * 1024 * 1024;

/** Counts octets that went through the gateway, and has their buffers collected early. */
export class EarlyCollection {
  readonly #collect: () => void;
  #movedBytes = 0;

  constructor(collect: () => void = minorCollection()) {
    this.#collect = collect;
  }

  /** Called for each chunk of a body, either way: an addition in the common case. */
  moved(bytes: number): void {
    this.#movedBytes += bytes;
    if (this.#movedBytes < COLLECT_EVERY_BYTES) return;
    this.#movedBytes = 0;
    // Not within the turn that holds the chunk: its buffer could not go.
    setImmediate(this.#collect);
  }
}

type Collect = (options: { readonly type: 'minor' }) => void;

/** The collector is reached through a context of its own; the process's globals stay as they are. */
function minorCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'minor' });
}
