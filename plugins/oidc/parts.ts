import type { Context } from 'fairlead/plugin';
import type { Options } from './options.ts';
import type { IdentityProvider } from './provider/provider.ts';

/** What every part of one provider of the policy works with. */
export interface OidcParts {
  readonly options: Options;
  readonly context: Context;
  readonly provider: IdentityProvider;
}
