/**
 * The numbers of a skupper-router 3.5.1, as measured (docs/router-stream-protocol.md): the stand-in
 * announces, obeys and enforces these, so that a client that works here works there.
 */
export const ROUTER_LIMITS = {
  /** Largest frame the router takes; a larger one closes the connection. */
  maxFrameSize: 16_384,
  channelMax: 32_767,
  /** Frames a session may have on their way: 8 MiB of 16 KiB frames. Refreshed when half is used. */
  sessionWindow: 512,
  outgoingWindow: 2_147_483_647,
  handleMax: 2_147_483_647,
  /** Credit of a sending link whose address has a consumer. */
  linkCredit: 250,
  /** Octets between two `received` dispositions: 8 slots of 16 buffers of 4072 octets. */
  octetThreshold: 521_216,
  /** Octets that may be unacknowledged in one direction: twice the threshold. */
  octetWindow: 1_042_432,
  /** A message without `qd.streaming-deliveries` is held until complete, or this many octets. */
  heldMessageOctets: 262_144,
  /** Sections before the body; a longer head is no opening message. */
  openingOctets: 16_384,
  /** Largest frame the stand-in fills, whatever the client would take. */
  largestSentFrame: 65_536,
  /** Silence after which the router closes; it announces half of it. */
  idleTimeoutMs: 16_000,
  /** From TCP accept to the client's `open`, and from our `close` to the client's FIN. */
  lingerMs: 5_000,
  /** Connections of one stand-in, AMQP and TCP each. */
  maxConnections: 1_024,
  /** Container ids remembered, to know one that comes again. */
  rememberedContainerIds: 4_096,
  /** Remembered breaches; more are counted only. */
  rememberedViolations: 100,
} as const;
