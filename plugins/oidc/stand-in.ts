import { isDeepStrictEqual } from 'node:util';
import type { Options } from './options.ts';

/**
 * Whether logins and sessions may go on by the options before while the provider is not found by the new
 * ones. How it is reached and how the gateway proves itself there let nobody in. Whatever else changes
 * may be meant to keep people, or their tokens, out.
 */
export function mayStandIn(before: Options, next: Options): boolean {
  return isDeepStrictEqual(rulesOf(before), rulesOf(next));
}

function rulesOf(options: Options): object {
  const { client, ca: _ca, allowPrivate: _private, par: _par, ...rules } = options;
  const { scopes: _scopes, responseMode: _mode, postLogout: _page, ...strict } = rules;
  return { ...strict, clientId: client.id };
}
