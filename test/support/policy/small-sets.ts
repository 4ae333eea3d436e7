// Blocks of small sets. What a set does not say, the test that uses it adds.
/** A route of these keys, beside those that each needs. */
export const route = (keys: string) =>
  `routes: { web: { host: app.example.com, service: web, auth: api, ${keys} } }`;
export const service = (keys: string) => `services: { web: { ${keys} } }`;
export const gateway = (keys: string) => `gateway: { certificates: [certs/app], ${keys} }`;
export const jwt = (keys: string) =>
  `providers: { api: { plugin: jwt, issuer: 'https://login.example.com', audience: web, ${keys} } }`;
export const oidc = (keys: string) =>
  `providers: { api: { plugin: oidc, issuer: 'https://login.example.com', client: { id: a, ${keys} } } }`;
export const limited = (limits: string) => `tiers: { default: { ${limits} } }`;
export const passed = (keys: string) =>
  `routes: { web: { host: app.example.com, service: web, passthrough: true } }\n${service(keys)}`;
export const SECRET = "'${file:secrets/long}'";

/** A set with a key that would do nothing, what is said of it and where, and a set in which it does something. */
export type NoEffect = readonly [without: string, code: string, path: string, withEffect: string];
