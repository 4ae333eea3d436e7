import type { StandinRouter } from '../../standin/standin-router.ts';

/** How a recording is used against one side: `reordered` keeps the frames, in the order the contract asks for. */
export type Use = 'used' | 'reordered' | 'left out';

/** One recording: what it proves of the stand-in and of the client, and why not where it does not. */
export interface RecordingPlan {
  readonly name: string;
  readonly shows: string;
  readonly standin: Use;
  readonly client: Use;
  /** Why it is reordered or left out, or what is special. */
  readonly why: string;
  /** What happens in the network before the row of this number. */
  readonly actions?: Readonly<Record<number, (router: StandinRouter, backend: Backend) => void>>;
  /** The application's end was an RST. */
  readonly isReset?: boolean;
  /** Streams (in order of their opening) whose end the network made, not the application. */
  readonly endedByNetwork?: readonly number[];
  /** The recorded client speaks before the response opening, and must here too. */
  readonly sendsEarly?: boolean;
  /** Router statements that depend on timing, and why. */
  readonly optional?: readonly (readonly [pattern: RegExp, reason: string])[];
  /** What the client must have done wrong, as the stand-in notes it. */
  readonly violation?: string;
  /** Octets the recorded client sent without ever seeing a response opening: ours never sends them. */
  readonly leavesUnsaid?: boolean;
  /** Silence to let pass on the stand-in's clock before the last rows. */
  readonly silenceMs?: number;
}

/** Routing key and address of the recording's application, to connect it again. */
export interface Backend {
  readonly routingKey: string;
  readonly address: { readonly host: string; readonly port: number };
}

const EARLY =
  'the recorded client sends octets right behind the opening; here they wait (section 5)';

const CLOSED_FIRST = [
  /^fin$/,
  'whose FIN was seen depends on who closed first',
] as const satisfies readonly [RegExp, string];
const REFRESH_AFTER_ABORT = [
  /credit 1 \+ 250/,
  'the router may refill the link between the abort and the end of the session, or not',
] as const satisfies readonly [RegExp, string];

export const RECORDINGS: readonly RecordingPlan[] = [
  {
    name: 'connect-external-mtls',
    shows: 'SASL EXTERNAL over mutual TLS, one exchange, clean end',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
  },
  {
    name: 'http-exchange-and-lane-reuse',
    shows: 'two requests on one stream, FIN, a second stream on the same lane',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
  },
  {
    name: 'large-download-excerpt',
    shows: '3 MB to the client, `received` from it',
    standin: 'reordered',
    client: 'reordered',
    why: `${EARLY}; cut payloads are filled up to their length`,
  },
  {
    name: 'large-upload-excerpt',
    shows: '3 MB from the client, `received` from the router',
    standin: 'reordered',
    client: 'reordered',
    why: `${EARLY}; cut payloads are filled up to their length`,
  },
  {
    name: 'refused-backend',
    shows: '`modified` before any response',
    standin: 'reordered',
    client: 'reordered',
    why: 'no response opening comes, so the octets sent behind the opening are left unsaid',
    leavesUnsaid: true,
    optional: [REFRESH_AFTER_ABORT],
  },
  {
    name: 'no-consumer-targeted',
    shows: 'a lane without credit',
    standin: 'used',
    client: 'reordered',
    why: 'the client gives up after its own credit wait',
  },
  {
    name: 'no-consumer-anonymous',
    shows: '`released` on an anonymous link',
    standin: 'reordered',
    client: 'left out',
    why: 'octets behind the opening are left unsaid; the client attaches to targets only',
  },
  {
    name: 'half-close-client-first',
    shows: 'FIN of the client, then more octets and FIN of the server',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
  },
  {
    name: 'half-close-server-first',
    shows: 'FIN of the server, then octets and FIN of the client',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    optional: [
      [
        /credit 1 \+ 250|outcome 0 accepted|delivery 0 settled/,
        'races with the end of the session',
      ],
    ],
  },
  {
    name: 'backend-reset',
    shows: 'RST in mid-stream: final transfer and `modified`',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    isReset: true,
    optional: [REFRESH_AFTER_ABORT],
  },
  {
    name: 'backend-full-close',
    shows: 'FIN of the server while the client may still write',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
  },
  {
    name: 'client-abort',
    shows: 'aborted transfer of the client',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    endedByNetwork: [0],
    optional: [REFRESH_AFTER_ABORT],
  },
  {
    name: 'service-connector-deleted',
    shows: 'connector deleted in mid-stream, no credit, created again',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    endedByNetwork: [0, 1],
    actions: {
      21: (router, { routingKey }) => router.removeConnector(routingKey),
      37: (router, { routingKey, address }) => router.addConnector(routingKey, address),
    },
    optional: [REFRESH_AFTER_ABORT],
  },
  {
    name: 'inter-router-link-lost',
    shows: 'far router killed: aborted and `released`; `released` again; credit when it returns',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    endedByNetwork: [0],
    actions: {
      22: (router, { routingKey }) => router.loseFarRouter(routingKey),
      44: (router, { routingKey }) => router.removeConnector(routingKey),
      51: (router, { routingKey, address }) => router.addConnector(routingKey, address),
    },
  },
  {
    name: 'router-connection-deleted',
    shows: 'bare FIN of the router, no close',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    actions: { 22: (router) => router.dropConnections() },
  },
  {
    name: 'router-sigterm',
    shows: 'bare FIN of the router, no close',
    standin: 'reordered',
    client: 'reordered',
    why: EARLY,
    actions: { 21: (router) => router.dropConnections() },
  },
  {
    name: 'idle-timeout-close',
    shows: 'close with error after 16 s of silence',
    standin: 'used',
    client: 'left out',
    why: 'the silence passes on a clock of the test; the client is never silent',
    silenceMs: 16_000,
  },
  {
    name: 'error-frame-after-end',
    shows: 'close for a frame after end',
    standin: 'used',
    client: 'left out',
    why: 'the client must not be able to do this',
    optional: [
      [/^lane 0 end$/, 'the real router read both frames at once and answered the fault only'],
    ],
    violation: 'protocol-error',
  },
  {
    name: 'error-unknown-handle',
    shows: 'close for a transfer on an unattached handle',
    standin: 'used',
    client: 'left out',
    why: 'the client must not be able to do this',
    violation: 'protocol-error',
  },
  {
    name: 'error-oversize-frame',
    shows: 'close for a frame above max-frame-size',
    standin: 'used',
    client: 'left out',
    why: 'the client must not be able to do this',
    violation: 'protocol-error',
  },
  {
    name: 'wrong-content-type',
    shows: '`released` for another content-type',
    standin: 'used',
    client: 'left out',
    why: 'the client must not be able to do this; the recording ends before the link is refilled',
    optional: [REFRESH_AFTER_ABORT],
  },
  {
    name: 'missing-streaming-capability',
    shows: 'nothing reaches the backend before the message is complete',
    standin: 'used',
    client: 'left out',
    why: 'no response comes before the end, so the octets must go early; the client always asks for streaming',
    sendsEarly: true,
    violation: 'early-octets',
    optional: [[/delivery 0 settled/, 'whether the connection was gone at the last transfer']],
  },
  {
    name: 'connector-side-reverse',
    shows: 'a client that serves an address, router-made streaming links',
    standin: 'left out',
    client: 'left out',
    why: 'the gateway is never a connector, and must not offer streaming links (section 10)',
  },
  {
    name: 'via-edge-router',
    shows: 'the same client on an edge-mode router: exchange, no credit, refused',
    standin: 'reordered',
    client: 'left out',
    why: `${EARLY}; reply addresses of another form; the client's side is that of other recordings`,
    optional: [REFRESH_AFTER_ABORT],
  },
];

/** FINs that were not seen because the other side had closed: on every recording with a close. */
export function optionalStatements(plan: RecordingPlan, hasClose: boolean) {
  return [...(plan.optional ?? []), ...(hasClose ? [CLOSED_FIRST] : [])];
}

/** The table as lines, for people: printed by the suites, explained in docs/recordings.md. */
export function recordingsTable(): readonly string[] {
  return RECORDINGS.map(
    ({ name, standin, client, why }) =>
      `${name.padEnd(30)} stand-in: ${standin.padEnd(9)} client: ${client.padEnd(9)} ${why}`,
  );
}
