import { PLUGIN_API, definePlugin } from 'fairlead/plugin';
import { OidcAuthenticator } from './authenticator.ts';
import { complaintsOf } from './complaints.ts';
import { Options } from './options.ts';
import { mayStandIn } from './stand-in.ts';

/** Login of people at an OpenID provider: authorization code flow, sessions kept by the core. */
export default definePlugin<Options, 'authenticator'>({
  api: PLUGIN_API,
  kind: 'authenticator',
  name: 'oidc',
  authorization: 'writes',
  options: Options,
  check: complaintsOf,
  mayStandIn,
  async create(options, context) {
    const authenticator = new OidcAuthenticator(options, context);
    await authenticator.open();
    return authenticator;
  },
});
