/**
 * One octet stream to a peer, without a stream object: a lane through the network, a plain socket or a TLS socket.
 * Octets are pushed to the user; the user pushes octets back. There is one user at a time, and another may be
 * attached between two requests.
 */
export interface Channel {
  /**
   * Sends all events to `user` from now on, which may be in this call. Nothing is read before the first `attach`.
   * A channel that closed while it had no user tells the next one.
   */
  attach(user: ChannelUser): void;
  /**
   * Takes octets, or text as latin1. True: there is room for more. False: `onRoom` follows, unless the channel closes.
   * The octets are not copied and must not change. After `end` the channel is closed with an error; a channel that is
   * closed drops them.
   */
  write(octets: Uint8Array | string): boolean;
  /** Until `uncork`, writes are gathered: a head and its body then share a frame, or a TLS record. */
  cork(): void;
  /** Sends what was gathered. Returns what `write` returns. */
  uncork(): boolean;
  /** Ends our half behind everything written. True: all of it was handed over. False: `onRoom` follows. Idempotent. */
  end(): boolean;
  /** No `onData` until `resume`. What the peer still sends is bounded by the windows of the transport. */
  pause(): void;
  /** May call `onData` and `onEnd` in this call. */
  resume(): void;
  /** Gives the channel up in any state; only `onClose` follows, with this error. Idempotent. */
  destroy(error?: Error): void;
  /** False once our half was ended, or has to be because the peer ended its half. */
  readonly isWritable: boolean;
  /** True from the moment at which `onClose` is certain, which is before it is told. */
  readonly isClosed: boolean;
  /** Why the channel is closed; undefined when it is open or came to a good end. */
  readonly error: Error | undefined;
}

/** Receives the events of a channel. Methods of one object, so that a new request costs no new functions. */
export interface ChannelUser {
  /** At least one octet. The buffer is the user's. */
  onData(octets: Buffer): void;
  /** Everything written was handed over, after a `write`, `uncork` or `end` that returned false. */
  onRoom(): void;
  /**
   * The peer ended its half, and this channel does not stay half open. A user that still holds octets writes them
   * and calls `end`. Left out: the channel ends at once.
   */
  onPeerFinished?(): void;
  /** The peer's half is over and every octet of it was told. A transport that can tell a cut from an end has done so. */
  onEnd(): void;
  /** Once, as the last call; never within a call of the user's. Undefined: it was ended both ways, or given up without an error. */
  onClose(error: Error | undefined): void;
}
