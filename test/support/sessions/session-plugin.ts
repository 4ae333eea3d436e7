import { z } from 'zod';
import type { AuthenticatorPlugin } from '../../../src/plugin/host/load/catalogue.ts';
import { COOKIE_PREFIX, PLUGIN_API } from '../../../src/plugin/contract.ts';
import type {
  Authenticator,
  AuthResult,
  Context,
  Endpoint,
  EndpointRequest,
} from '../../../src/plugin/contract.ts';

/** What the instances of one gateway let a test see. */
export interface SeenByPlugin {
  /** How often `refresh` did its work. */
  refreshes: number;
}

/**
 * Logs in whoever asks, as `?user=` says, without any proof, and keeps `?filler=` in the session: for
 * tests of what the core does with sessions and endpoints. `work` is what a refresh waits for.
 */
export function sessionPlugin(
  seen: SeenByPlugin = { refreshes: 0 },
  work: () => Promise<void> = () => Promise.resolve(),
  onChallenge: (url: URL) => void = () => {},
): AuthenticatorPlugin {
  return {
    api: PLUGIN_API,
    kind: 'authenticator',
    name: 'fake-login',
    options: z.strictObject({}),
    create: (_options, context) =>
      Promise.resolve(authenticatorOf(context, { seen, work, onChallenge })),
  };
}

interface Parts {
  readonly seen: SeenByPlugin;
  readonly work: () => Promise<void>;
  readonly onChallenge: (url: URL) => void;
}

function authenticatorOf(context: Context, { seen, work, onChallenge }: Parts): Authenticator {
  const { sessions, name } = context;
  return {
    authenticate(request): AuthResult | Promise<AuthResult> {
      const session = sessions.current(request);
      const judge = (found: Awaited<typeof session>): AuthResult =>
        found === undefined ? { kind: 'pass' } : { kind: 'identity', identity: found.identity };
      if (session instanceof Promise) return session.then(judge);
      if (session === undefined || request.url.pathname !== '/cookies') return judge(session);
      const setCookies = [{ name: `${name}.note`, value: 'kept' }];
      return { kind: 'identity', identity: session.identity, setCookies };
    },
    challenge: ({ url }) => {
      onChallenge(url);
      const cookie = { name: `${name}.login`, value: 'begun', maxAgeSeconds: 600 };
      return {
        wwwAuthenticate: [`Fake realm="${name}"`],
        redirect: { location: `/.fairlead/${name}/login`, setCookies: [cookie] },
      };
    },
    endpoints: endpointsOf(context, seen, work),
  };
}

function endpointsOf(
  context: Context,
  seen: SeenByPlugin,
  work: () => Promise<void>,
): readonly Endpoint[] {
  const { sessions, name } = context;
  const mount = (
    path: string,
    handle: (request: EndpointRequest) => ReturnType<Endpoint['handle']>,
    more: Partial<Endpoint> = {},
  ): Endpoint => ({ method: 'GET', csrf: 'none', path, handle, ...more });
  return [
    mount('login', async (request) => {
      const { url } = request;
      const subject = url.searchParams.get('user') ?? 'ada';
      const identity = {
        subject,
        issuer: 'https://login.example.test',
        method: 'fake',
        claims: { plan: 'gold' },
        authenticatedAt: context.clock.now(),
      };
      const filler = url.searchParams.get('filler') ?? '';
      const { setCookies } = await sessions.open({
        request,
        identity,
        data: { version: 0, filler },
      });
      return { response: seeOther('/'), setCookies };
    }),
    mount(
      'logout',
      async (request) => {
        const session = await sessions.current(request);
        if (session !== undefined) await sessions.revoke({ session: session.id });
        return { response: seeOther('/'), setCookies: sessions.clear(request) };
      },
      { method: 'POST', csrf: 'same-origin' },
    ),
    mount(
      'backchannel-logout',
      async (request) => {
        const subject = Buffer.from(await request.body()).toString();
        return Response.json({ ended: await sessions.revoke({ subject }) });
      },
      { method: 'POST' },
    ),
    mount(
      'echo',
      async (request) =>
        new Response(await request.body(), {
          headers: {
            'content-type': 'text/html',
            'set-cookie': 'mine=1',
            'cache-control': 'public, max-age=60',
            'referrer-policy': 'unsafe-url',
          },
        }),
      { method: 'POST', maxBodyBytes: 1000 },
    ),
    mount('cross-site', async () => ({
      response: new Response(null, { status: 204 }),
      setCookies: [{ name: `${name}.state`, value: 'x', crossSitePost: true, maxAgeSeconds: 60 }],
    })),
    mount('cookie', async ({ cookies }) =>
      Response.json(cookies.get(`${COOKIE_PREFIX}${name}.note`) ?? null),
    ),
    mount('broken', () => Promise.reject(new Error('with a secret in it'))),
    mount(
      'malformed',
      async () => ({ response: new Response(), setCookies: [{ bad: 1 }] }) as never,
    ),
    mount('refresh', async (request) => {
      const session = await sessions.current(request);
      if (session === undefined) return new Response(null, { status: 401 });
      await context.singleFlight(`refresh ${session.id}`, 20_000, async () => {
        // Another replica may have done it while this one waited for the lease.
        const now = await sessions.current(request);
        if (now === undefined || (now.data as { version: number }).version > 0) return;
        await work();
        seen.refreshes += 1;
        await sessions.update(session.id, () => ({ version: 1 }));
      });
      return Response.json((await sessions.current(request))?.data ?? null);
    }),
  ];
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
