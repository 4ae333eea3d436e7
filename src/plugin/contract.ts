// The plugin contract, `fairlead/plugin`. The built-in plugins use exactly this and nothing else of ours.
//   plugin.ts    what a package exports, and what its instance can do    request.ts   what a plugin sees
//   result.ts    what it may answer                                      context.ts   what it can do
//   ../core/identity.ts  who was recognised; the gateway's own word         sessions.ts  logins that last
// docs/design/plugin-contract.md has the decisions, and what is not in this version.
export { PLUGIN_API, definePlugin } from './contract/plugin.ts';
export type { Authenticator, Endpoint, EndpointAnswer } from './contract/plugin.ts';
export type { OptionsSchema, Plugin, PluginKinds, PluginLife } from './contract/plugin.ts';
export type { Identity, Json } from '../core/identity.ts';
export type { PageLook } from '../html/page.ts';
export type { Call, EndpointRequest, RequestView, Requirements } from './contract/request.ts';
export { COOKIE_PREFIX } from '../core/own-cookies.ts';
export type { Cookie } from '../core/own-cookies.ts';
export type { AuthResult, Challenge, Reason } from './contract/result.ts';
export type { UnclaimedCredential } from './contract/result.ts';
export type { Context, FetchInit, Store } from './contract/context.ts';
export type { Session, Sessions } from './contract/sessions.ts';

/**
 * `JSON.parse` and `JSON.stringify` with exact numbers: an integer beyond 2^53 is a bigint, a fraction that a double
 * does not keep is null. Claims are read with it, or a large id would become another one.
 */
export { parseJson, stringifyJson } from '../core/exact-json.ts';
