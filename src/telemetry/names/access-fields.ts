/** A field of an access line. Fields without a value are left out of the line. */
export interface AccessField {
  /** Lines that can have it: of requests, of passthrough connections. */
  readonly on: 'both' | 'exchange' | 'connection';
  readonly type: 'text' | 'number' | 'boolean';
  readonly tells: string;
}

/**
 * The fields of access lines; docs/access-log.md is written from this table (`npm run names`). Names are those
 * of OpenTelemetry's HTTP conventions where these have one.
 */
export const ACCESS_FIELDS = {
  kind: {
    on: 'both',
    type: 'text',
    tells: '`exchange`: one request. `connection`: one passthrough connection.',
  },
  time: { on: 'both', type: 'text', tells: 'When it began: ISO 8601, UTC.' },
  id: {
    on: 'both',
    type: 'text',
    tells: 'The id that a refused client was shown; each line has its own.',
  },
  'http.request.method': { on: 'exchange', type: 'text', tells: 'The method as received.' },
  'url.path': {
    on: 'exchange',
    type: 'text',
    tells:
      'The normalised path, never the query; of a request that was not routed, the path as received.',
  },
  'server.address': {
    on: 'both',
    type: 'text',
    tells: 'The host that the client asked for; of a connection, the server name of TLS.',
  },
  'http.response.status_code': {
    on: 'exchange',
    type: 'number',
    tells: 'The status sent. Without it the client got none.',
  },
  duration_ms: {
    on: 'both',
    type: 'number',
    tells:
      'Milliseconds from the request head to the last octet of the response, or that a connection lasted.',
  },
  'client.address': {
    on: 'both',
    type: 'text',
    tells: 'Address of the client; behind trusted proxies the one that they name.',
  },
  'client.port': {
    on: 'both',
    type: 'number',
    tells: 'Port of the client, where the connection is its own.',
  },
  'network.peer.address': {
    on: 'both',
    type: 'text',
    tells: 'Address that the connection came from, where `client.address` is another.',
  },
  'network.protocol.version': { on: 'exchange', type: 'text', tells: 'HTTP version: 1.0, 1.1, 2.' },
  'tls.protocol.version': { on: 'exchange', type: 'text', tells: 'TLS version, over https.' },
  'http.request.body.size': {
    on: 'exchange',
    type: 'number',
    tells: 'Octets of the request body that were read.',
  },
  'http.response.body.size': {
    on: 'exchange',
    type: 'number',
    tells: 'Octets of the response body that were sent.',
  },
  from_client_bytes: {
    on: 'connection',
    type: 'number',
    tells: 'Octets passed on from the client, its ClientHello included.',
  },
  to_client_bytes: { on: 'connection', type: 'number', tells: 'Octets passed on to the client.' },
  'http.route': {
    on: 'exchange',
    type: 'text',
    tells:
      'The path of the policy that matched, such as `/orders/*`: the label `http_route` of the metrics.',
  },
  route: { on: 'both', type: 'text', tells: 'Name of the route in the policy.' },
  service: { on: 'both', type: 'text', tells: 'Name of the service in the policy.' },
  provider: {
    on: 'exchange',
    type: 'text',
    tells: 'Name of the provider that gave the identity.',
  },
  issuer: { on: 'exchange', type: 'text', tells: 'Who issued the identity.' },
  subject: { on: 'exchange', type: 'text', tells: 'Whose identity it is, as the issuer calls it.' },
  tenant: { on: 'exchange', type: 'text', tells: 'Id of the tenant.' },
  tier: { on: 'exchange', type: 'text', tells: 'Tier of the tenant.' },
  refusal: {
    on: 'both',
    type: 'text',
    tells: 'The code that the client got, of a refusal or a fault ([errors](errors.md)).',
  },
  reason: {
    on: 'both',
    type: 'text',
    tells: 'Why it was refused, more exactly ([reasons](errors.md#reasons-why-it-was-refused)).',
  },
  reason_detail: {
    on: 'both',
    type: 'text',
    tells: 'What was found and what was wanted; never a credential.',
  },
  fault: { on: 'both', type: 'text', tells: 'Code of the fault ([errors](errors.md)).' },
  fault_detail: { on: 'both', type: 'text', tells: 'What happened, in words.' },
  upstream_status: {
    on: 'exchange',
    type: 'number',
    tells: 'The status that the application sent, when there was one.',
  },
  retries: {
    on: 'exchange',
    type: 'number',
    tells: 'How often the request was sent again on another connection; left out when it was not.',
  },
  complete: {
    on: 'both',
    type: 'boolean',
    tells:
      'false: the client did not get all of the response, or the connection was refused or cut.',
  },
} as const satisfies Readonly<Record<string, AccessField>>;

type Fields = typeof ACCESS_FIELDS;

/** The fields of a line of this kind, but `kind` itself, which stands in place of a level. */
export type AccessFieldName<Kind extends 'exchange' | 'connection'> = {
  [Name in keyof Fields]: Fields[Name]['on'] extends 'both' | Kind ? Name : never;
}[Exclude<keyof Fields, 'kind'>];
