// The plugin `oidc`: login of people at an OpenID provider.
//   options.ts, complaints.ts  what a policy may say   authenticator.ts, endpoints.ts  what the gateway calls
//   provider/  what is known of the provider and how it is asked     login/   from the redirect to the callback
//   session/   identity, tokens kept with a session, their renewal   logout/  from here and from there
//   pages/     what people read                                      Nothing but the default export is for others.
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
