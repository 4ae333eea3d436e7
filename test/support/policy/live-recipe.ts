import { stringify } from 'yaml';
import { CLIENT } from '../oidc/real-provider.ts';
import type { RunningRouter } from '../routers/router.ts';
import type { IssuedCertificate } from '../tools/certificates.ts';
import type { PolicySetOptions } from './policy-set.ts';
import type { Recipe, RecipeDocument } from './recipes.ts';

/** What stands behind a recipe in place of what its owner has. */
export interface RecipeWorld {
  readonly router: RunningRouter;
  /** Ports of the application, over HTTP/1.1 and over HTTP/2. */
  readonly ports: { readonly http1: number; readonly h2: number };
  /** JSON Web Key Set of all issuers of tokens. */
  readonly keys: string;
  /** URL of the provider of all logins. */
  readonly login: string;
  readonly certificate: IssuedCertificate;
}

/** Every connection is from here, so the test says by X-Forwarded-For where a request of a case is from. */
const PEERS = '127.0.0.0/8';

/** The set as the recipe has it, but for ports, and for hosts that nobody can reach. */
export function liveRecipe(recipe: Recipe, world: RecipeWorld): PolicySetOptions {
  const { documents, files, certificates } = recipe;
  const gateway = documents['policy.yaml']?.gateway ?? {};
  const { trustedProxies = [] } = gateway as { trustedProxies?: string[] };
  const kept = Object.entries(gateway).filter(([key]) => !['listen', 'admin'].includes(key));
  const { certPem, keyPem } = world.certificate;
  return {
    links: recipe.files['policy.yaml']!.includes('link.yaml') ? [world.router.link] : [],
    policy: policyOf(documents['policy.yaml']!, world),
    gateway: stringify({
      ...Object.fromEntries(kept),
      trustedProxies: [...trustedProxies, PEERS],
    }),
    files: {
      ...files,
      ...Object.fromEntries(
        Object.entries(documents).map(([path, document]) => [path, policyOf(document, world)]),
      ),
      ...Object.fromEntries(
        certificates.flatMap((folder) => [
          [`${folder}/tls.crt`, certPem],
          [`${folder}/tls.key`, keyPem],
        ]),
      ),
      'keys.json': world.keys,
      'secrets/client': CLIENT.secret,
    },
  };
}

function policyOf(document: RecipeDocument, world: RecipeWorld): string {
  const { gateway: _gateway, network: _network, services, providers, ...rest } = document;
  return stringify({
    ...rest,
    ...(services !== undefined && {
      services: mapped(services, (service) => serviceOf(service, world)),
    }),
    ...(providers !== undefined && {
      providers: mapped(providers, (provider) => providerOf(provider, world)),
    }),
  });
}

function serviceOf(service: unknown, { ports }: RecipeWorld): unknown {
  if (typeof service === 'string') return service.replace(':3000', `:${ports.http1}`);
  const { port, url, protocol } = service as Record<string, unknown>;
  const live = protocol === 'h2' ? ports.h2 : ports.http1;
  return {
    ...(service as object),
    ...(port !== undefined && { port: live }),
    ...(typeof url === 'string' && { url: url.replace(':3000', `:${live}`) }),
  };
}

function providerOf(provider: Readonly<Record<string, unknown>>, world: RecipeWorld): unknown {
  if (provider['plugin'] === 'oidc')
    return { ...provider, issuer: world.login, allowPrivate: true };
  return { ...provider, jwks: { file: 'keys.json' }, algorithms: ['ES256'] };
}

function mapped<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
