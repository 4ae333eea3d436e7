import type { ChannelUser } from '../../../core/channel.ts';
import type { ResponseStream } from './response-stream.ts';

/** The user of a lane, who may not be there yet, and what it was told. */
export class LaneUser {
  isPaused = false;
  #user: ChannelUser | undefined;
  #isBusy = false;
  #hasEnd = false;
  #isClosed = false;
  #knowsOfClose = false;
  #error: Error | undefined;

  attach(user: ChannelUser): void {
    this.#user = user;
    if (this.#isClosed) this.#tellClose();
  }

  /** Within `deliver`: what follows the octets has to wait for its end. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get hasEnd(): boolean {
    return this.#hasEnd;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** Hands octets over until the user pauses; `resume` in `onData` goes on in the same loop. */
  deliver(response: ResponseStream): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#user !== undefined && !this.isPaused && !this.#isClosed) {
        const octets = response.take();
        if (octets === undefined) return;
        this.#user.onData(octets);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  sent(): void {
    this.#user?.onRoom();
  }

  /** `end` is for a user that leaves it to the channel. */
  peerFinished(end: () => void): void {
    if (this.#user?.onPeerFinished === undefined) end();
    else this.#user.onPeerFinished();
  }

  /** Once, and not before there is a user. */
  ended(): void {
    if (this.#hasEnd || this.#user === undefined) return;
    this.#hasEnd = true;
    this.#user.onEnd();
  }

  closed(error: Error | undefined): void {
    this.#isClosed = true;
    this.#error = error;
    this.#tellClose();
  }

  /** Later than every microtask: a user that awaited the lane is attached by then. */
  #tellClose(): void {
    setImmediate(() => {
      if (this.#user === undefined || this.#knowsOfClose) return;
      this.#knowsOfClose = true;
      this.#user.onClose(this.#error);
    });
  }
}
