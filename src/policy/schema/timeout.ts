import { DEADLINES } from '../../core/deadlines.ts';
import { mapping, orNull, wait } from './scalars.ts';

/** The waits for an application, in the same words wherever they are set. */
const WAITS = {
  connect: wait('Until the connection to the application is open.', DEADLINES.upstreamConnectMs),
  response: wait('From the request to the response head.', DEADLINES.upstreamResponseMs),
  idle: wait(
    'How long the body of a request or response may stand still.',
    DEADLINES.upstreamIdleMs,
  ),
  stream: wait(
    'How long a WebSocket, event stream or gRPC stream may stand still.',
    DEADLINES.upstreamStreamIdleMs,
  ),
  total: wait('From the request head to the end of the response. Default: no limit.'),
};

/** Of `gateway.defaults` and of services. */
export const timeout = (description: string) =>
  mapping(description, {
    connect: WAITS.connect.optional(),
    response: WAITS.response.optional(),
    idle: WAITS.idle.optional(),
    stream: WAITS.stream.optional(),
    total: WAITS.total.optional(),
  }).optional();

/** Of routes and paths: `null` goes back to what the service or `gateway.defaults` says. */
export const ruleTimeout = orNull(
  mapping(
    'Time limits of requests here; what is not set comes from the service, then from `gateway.defaults`.',
    {
      connect: orNull(WAITS.connect),
      response: orNull(WAITS.response),
      idle: orNull(WAITS.idle),
      stream: orNull(WAITS.stream),
      total: orNull(WAITS.total),
    },
  ),
);
