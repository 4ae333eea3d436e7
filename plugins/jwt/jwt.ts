// The plugin `jwt`: bearer tokens of one issuer.
//   options.ts  what a policy may say         authenticator.ts  token → identity, in the order of cost
//   token/      reading and judging a token   key-source.ts     where its keys are published
// Nothing but the default export below is for others.
import { PLUGIN_API, definePlugin } from 'fairlead/plugin';
import { keyFault, urlFault } from 'fairlead/plugin/kit';
import { JwtAuthenticator } from './authenticator.ts';
import { Options } from './options.ts';
import { mayStandIn } from './stand-in.ts';

interface Complaint {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** Bearer tokens: signed JSON Web Tokens of one issuer. */
export default definePlugin<Options, 'authenticator'>({
  api: PLUGIN_API,
  kind: 'authenticator',
  name: 'jwt',
  authorization: 'reads',
  options: Options,
  check: (options) => [...addressComplaints(options), ...keyComplaints(options)],
  mayStandIn,
  async create(options, context) {
    const authenticator = new JwtAuthenticator(options, context);
    await authenticator.open();
    return authenticator;
  },
});

function addressComplaints({ issuer, jwks }: Options): readonly Complaint[] {
  if (jwks.file !== undefined || jwks.keys !== undefined) return fetchComplaints(jwks);
  const path = jwks.url === undefined ? ['issuer'] : ['jwks', 'url'];
  const fault = urlFault(jwks.url ?? issuer, jwks.allowPrivate);
  if (fault !== undefined) {
    const hint = 'jwks can name a url, a file or the keys themselves';
    return [{ path, message: `keys cannot be fetched: ${fault}`, hint }];
  }
  if (jwks.url !== undefined || !issuer.includes('?')) return [];
  // RFC 8414 2: an issuer with a query has no place for metadata.
  return [{ path, message: 'an issuer with a query has no discovery', hint: 'set jwks.url' }];
}

/** What is of fetching says nothing where the keys are given. */
function fetchComplaints(jwks: Options['jwks']): readonly Complaint[] {
  const keys = [
    ...(jwks.ca === undefined ? [] : ['ca']),
    ...(jwks.allowPrivate ? ['allowPrivate'] : []),
  ];
  return keys.map((key) => ({
    path: ['jwks', key],
    message: `${key} has no effect where keys are given: nothing is fetched`,
    hint: 'remove it',
  }));
}

function keyComplaints({ jwks }: Options): readonly Complaint[] {
  return (jwks.keys ?? []).flatMap((jwk, index) => {
    const fault = keyFault(jwk);
    return fault === undefined
      ? []
      : [{ path: ['jwks', 'keys', index], message: `the key cannot be used: ${fault}` }];
  });
}
