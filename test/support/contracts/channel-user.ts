import type { ChannelUser } from '../../../src/core/channel.ts';
import { waitUntil } from '../tools/wait-until.ts';

type Told = 'data' | 'room' | 'end' | 'close';

/** A user of a channel that writes down what it is told. */
export class RecordingUser implements ChannelUser {
  readonly told: Told[] = [];
  readonly #chunks: Buffer[] = [];
  length = 0;
  error: Error | undefined;
  /** Called within `onData`. */
  whenData: (octets: Buffer) => void = () => {};

  onData(octets: Buffer): void {
    this.told.push('data');
    this.#chunks.push(octets);
    this.length += octets.length;
    this.whenData(octets);
  }

  onRoom(): void {
    this.told.push('room');
  }

  onEnd(): void {
    this.told.push('end');
  }

  onClose(error: Error | undefined): void {
    this.told.push('close');
    this.error = error;
  }

  get octets(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  count(told: Told): number {
    return this.told.filter((it) => it === told).length;
  }

  /** Waits until it was told so for the first time, or once more. */
  async hears(told: Told, times = 1): Promise<void> {
    await waitUntil(`${told} × ${times}`, () => this.count(told) >= times);
  }

  async receives(length: number): Promise<Buffer> {
    await waitUntil(`${length} octets`, () => this.length >= length);
    return this.octets;
  }
}

/** A user that leaves the end of its half to nobody else: it holds octets when the peer's end comes. */
export class HoldingUser extends RecordingUser {
  readonly #finish: () => void;

  constructor(finish: () => void) {
    super();
    this.#finish = finish;
  }

  onPeerFinished(): void {
    this.#finish();
  }
}
