import { cors } from './cors.ts';
import { DEFAULTS } from './defaults.ts';
import { headers } from './headers.ts';
import { require } from './require.ts';
import { auth, forwardHeaders, pathForms, websocket } from './route.ts';
import { mapping, size } from './scalars.ts';
import { responseHead } from './service.ts';
import { timeout } from './timeout.ts';

/**
 * All that routes and services take over where they say nothing. `limits` are missing: they belong to a route, a
 * path or a tier, and count there.
 */
export const inherited = mapping('Values for routes and services that do not set them.', {
  auth: auth.optional(),
  require,
  body: size('Largest request body.', DEFAULTS.bodyBytes).optional(),
  websocket: websocket.optional(),
  timeout: timeout('Time limits of requests.'),
  headers: headers.optional(),
  forwardHeaders: forwardHeaders.optional(),
  path: pathForms.optional(),
  cors: cors.optional(),
  responseHead: responseHead(
    'Status line and fields of a response together; above it the answer is 502.',
  ),
});
