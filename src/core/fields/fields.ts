import { FieldSet } from './field-set.ts';

/**
 * Every field name that is special to this gateway, and why. What happens to a field is asked of this table,
 * by what it is: no other file has a list of names. `test/unit/core/fields/fields.test.ts` shows what that
 * comes to in each place.
 */
export type FieldTrait =
  /** Of one HTTP/1.1 connection; makes an HTTP/2 message malformed (RFC 9113 8.2.2). */
  | 'connection'
  /** For the next hop alone, or answered by us (RFC 9110 7.6.1, 10.1.1, 11.7): goes through in no direction. */
  | 'hop'
  /** Says where the message ends or whom it is for: written anew on each side (RFC 9112 6, 3.2). */
  | 'framing'
  /** Says who the client is or which way a request took: only the gateway's word counts. */
  | 'vouched'
  /** Of these, what the gateway writes itself or keeps a name for: no policy can set it. */
  | 'written'
  /** Proves who the client is. */
  | 'credential'
  /** Carries sessions, ours among them. */
  | 'session'
  /** Leads an application to another path or method than were judged here, or another way out. */
  | 'override'
  /** How to read the content (RFC 9110 6.5.1): never in a trailer. */
  | 'content'
  /** What to do with the request (RFC 9110 6.5.1): never in a trailer. */
  | 'control'
  /** What to do with the response, by HTTP or by a browser: never in a trailer. */
  | 'answer'
  /** In a response, the gateway's word or none. */
  | 'replaced'
  /** The gateway's word where it has one: its own limits (K5), the CORS of the policy. */
  | 'limit'
  | 'cors'
  /** Tells shared caches what to keep, whatever Cache-Control says: out where a response is one person's. */
  | 'shared'
  /** Pages of the gateway say this themselves. */
  | 'page'
  /** What the message is, how its octets are read, or what both ends agreed on: no rule of the policy changes it. */
  | 'fixed';

/** As the documents write them; `*` ends a prefix. */
const FIELDS = {
  // RFC 9110 7.6.1, RFC 9112 6.1, RFC 9113 8.2.2
  Connection: ['connection', 'hop'],
  'Keep-Alive': ['connection', 'hop'],
  'Proxy-Connection': ['connection', 'hop'],
  Upgrade: ['connection', 'hop'],
  'Transfer-Encoding': ['connection', 'hop', 'framing'],
  TE: ['hop'],
  Trailer: ['hop'],
  'HTTP2-Settings': ['hop'],
  // the gateway answers expectations.
  Expect: ['hop'],
  // We authenticate to no proxy, and are none that asks for it (RFC 9110 11.7).
  'Proxy-Authenticate': ['hop'],
  'Proxy-Authentication-Info': ['hop'],
  'Proxy-Authorization': ['hop'],

  'Content-Length': ['framing'],
  Host: ['framing', 'written', 'vouched'],

  Forwarded: ['vouched', 'written'],
  Via: ['vouched', 'written', 'answer', 'page', 'fixed'],
  'X-Forwarded-For': ['vouched', 'written'],
  'X-Forwarded-Host': ['vouched', 'written'],
  'X-Forwarded-Port': ['vouched', 'written'],
  'X-Forwarded-Proto': ['vouched', 'written'],
  'X-Forwarded-*': ['vouched'],
  'X-Real-IP': ['vouched'],
  // RFC 9440 2.4: also where no client certificate is asked for (I2).
  'Client-Cert': ['vouched', 'written'],
  'Client-Cert-Chain': ['vouched', 'written'],
  'Fairlead-*': ['vouched', 'answer', 'replaced'],

  Authorization: ['credential'],
  Cookie: ['credential', 'session'],
  'Set-Cookie': ['session', 'answer', 'page'],
  'WWW-Authenticate': ['answer'],

  // `Proxy` becomes HTTP_PROXY under CGI.
  Proxy: ['override'],
  'X-HTTP-Method': ['override'],
  'X-HTTP-Method-Override': ['override'],
  'X-Method-Override': ['override'],
  'X-Original-URL': ['override'],
  'X-Rewrite-URL': ['override'],

  'Content-Disposition': ['content'],
  'Content-Encoding': ['content', 'fixed'],
  'Content-Location': ['content'],
  'Content-Range': ['content', 'fixed'],
  'Content-Type': ['content'],

  'Cache-Control': ['control', 'answer', 'page'],
  Pragma: ['control', 'answer', 'page'],
  'Max-Forwards': ['control'],
  Range: ['control'],
  'If-*': ['control'],

  Age: ['answer'],
  Date: ['answer', 'page', 'fixed'],
  Expires: ['answer', 'page'],
  Location: ['answer', 'fixed'],
  'Retry-After': ['answer'],
  Vary: ['answer'],
  Warning: ['answer'],
  'Content-Security-Policy': ['answer'],
  'Cross-Origin-*': ['answer'],
  'Access-Control-*': ['answer', 'cors'],
  'Referrer-Policy': ['page'],
  'X-Content-Type-Options': ['page'],
  // RFC 9213 2.2; Edge Architecture 1.0
  'CDN-Cache-Control': ['answer', 'shared'],
  'Surrogate-Control': ['answer', 'shared'],
  // Other ways to the application, which do not pass us (J5).
  'Alt-Svc': ['answer', 'replaced'],
  // The policy's (J5).
  'Strict-Transport-Security': ['answer', 'replaced'],
  // RFC 6455 4, RFC 8441: the handshake.
  'Sec-WebSocket-*': ['fixed'],
  // Whether the call worked; in the trailers, or in the head where that is all.
  'Grpc-Status': ['fixed'],
  RateLimit: ['answer', 'limit'],
  'RateLimit-Policy': ['answer', 'limit'],
} as const satisfies Readonly<Record<string, readonly FieldTrait[]>>;

/** Names with any of the traits, as the documents write them. */
export function fieldNames(...traits: readonly FieldTrait[]): readonly string[] {
  return Object.entries(FIELDS)
    .filter(([, own]: [string, readonly FieldTrait[]]) => traits.some((each) => own.includes(each)))
    .map(([name]) => name);
}

/** The fields with any of the traits. To be made once, when a module is loaded. */
export function fieldsThatAre(...traits: readonly FieldTrait[]): FieldSet {
  return new FieldSet(fieldNames(...traits).map((name) => name.toLowerCase()));
}
