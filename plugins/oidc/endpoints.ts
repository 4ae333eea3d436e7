import type { Call, Context, Endpoint, EndpointAnswer } from 'fairlead/plugin';
import type { EndpointRequest, Session } from 'fairlead/plugin';
import { within, seeOther } from 'fairlead/plugin/kit';
import { Callback } from './login/callback.ts';
import type { CallbackParts } from './login/callback.ts';
import { LIMITS } from './limits.ts';
import { Logout } from './logout/logout.ts';
import { isFault, readParameters } from './login/parameters.ts';
import { problemPage } from './pages/problem-page.ts';
import { isProblem, isProblemCode, problem } from './pages/problems.ts';
import type { Problem } from './pages/problems.ts';
import { ProviderLogout } from './logout/provider-logout.ts';
import { summaryOf } from './provider/provider.ts';
import { wayBack } from './login/return-to.ts';
import { wayLostPage } from './pages/way-lost-page.ts';
import { meetsRequirements, readStrength } from './login/step-up.ts';
import type { Strength } from './login/step-up.ts';

type Handle = (request: EndpointRequest, call: Call) => EndpointAnswer | Promise<EndpointAnswer>;

/** A form of the provider with code and state, or a logout token: little. */
const MAX_BODY = 32 * 1024;

/** What the client's registration at the provider has (OpenID Connect Registration, RP-Initiated, Back- and Front-Channel Logout 1.0). */
const REGISTERED: Readonly<Partial<Record<string, string>>> = {
  callback: 'redirect URI',
  'logged-out': 'post-logout redirect URI',
  'backchannel-logout': 'back-channel logout URI',
  'frontchannel-logout': 'front-channel logout URI',
};

/** All endpoints below `/.fairlead/<provider>/`. */
export function createEndpoints(parts: CallbackParts): readonly Endpoint[] {
  const { options } = parts;
  const callback = new Callback(parts);
  const logout = new Logout(parts);
  const told = new ProviderLogout(parts);
  const mount = (
    method: Endpoint['method'],
    path: string,
    handle: Handle,
    csrf: Endpoint['csrf'] = 'none',
  ): Endpoint => ({
    method,
    path,
    csrf,
    maxBodyBytes: MAX_BODY,
    ...(REGISTERED[path] !== undefined && { registerAs: REGISTERED[path] }),
    handle: (request, call) => guarded(parts, request, (own) => handle(own, call)),
  });
  const isPosted = options.responseMode === 'form_post';
  const posted = mount('POST', 'callback', (request) => callback.handlePosted(request));
  return [
    ...(isPosted ? [posted] : []),
    mount('GET', 'callback', (request, call) => callback.handle(request, call)),
    mount('GET', 'login', (request, call) => login(parts, request, call)),
    mount('GET', 'problem', (request) => showProblem(parts, request)),
    mount('GET', 'logout', (request) => logout.ask(request)),
    mount('POST', 'logout', (request) => logout.end(request), 'same-origin'),
    mount('GET', 'logged-out', (request) => logout.done(request)),
    mount('POST', 'backchannel-logout', (request) => told.backChannel(request)),
    mount('GET', 'frontchannel-logout', (request) => told.frontChannel(request)),
  ];
}

/** What throws here is the store: nothing can be known of sessions, so 503 and nothing changed. */
async function guarded(
  { context }: CallbackParts,
  request: EndpointRequest,
  handle: (request: EndpointRequest) => ReturnType<Handle>,
): Promise<EndpointAnswer> {
  try {
    return await handle(request);
  } catch (thrown) {
    const detail = summaryOf(thrown);
    context.log.error('an endpoint failed', { request: request.id, detail });
    return problemPage(request, { code: 'unavailable', detail });
  }
}

const LOGIN_PARAMETERS = [
  'return_to',
  'target_link_uri',
  'iss',
  'login_hint',
  'round',
  'acr_values',
  'max_age',
];

/** Begins a login on purpose; also by a third party, who may name the issuer (OIDC Core 4). */
async function login(
  parts: CallbackParts,
  request: EndpointRequest,
  call: Call,
): Promise<EndpointAnswer> {
  const { beginner, context, options } = parts;
  const { origin, search } = request.url;
  const parameters = readParameters(search, { known: LOGIN_PARAMETERS });
  if (isFault(parameters)) return refused(parts, request, problem('parameters', parameters.fault));
  const issuer = parameters.get('iss');
  if (issuer !== undefined && issuer !== options.issuer) {
    return refused(parts, request, problem('answer_invalid', 'iss is another issuer'));
  }
  const wanted = readStrength(parameters);
  if (isProblem(wanted)) return refused(parts, request, wanted);
  const target = wayBack(targetOf(parameters, origin), origin);
  const round = Number(/^[1-9]$/.exec(parameters.get('round') ?? '')?.[0] ?? 0);
  const session = await context.sessions.current(request);
  if (round > 0 && isServed(session, wanted, context)) {
    return target.isWayLost === true ? wayLostPage(request) : seeOther(target.returnTo);
  }
  const loginHint = parameters.get('login_hint');
  const beginning = beginner.begin(request, {
    origin,
    ...target,
    hasSession: session?.identity.issuer === options.issuer,
    ...wanted,
    ...(round > 0 && { round }),
    ...(loginHint !== undefined && { loginHint }),
  });
  const leftMs = call.deadline - LIMITS.answerMs - context.clock.now();
  const begun = (await within(leftMs, beginning)) ?? problem('provider_down', 'no answer in time');
  if (isProblem(begun)) return refused(parts, request, begun);
  return { response: seeOther(begun.location), setCookies: begun.setCookies };
}

/** Another tab was quicker. Without a round somebody wants to log in anew, and nobody asks this. */
function isServed(session: Session | undefined, wanted: Strength, { clock }: Context): boolean {
  return session !== undefined && meetsRequirements(session.identity, wanted, clock.now());
}

/** `target_link_uri` is a whole URI; it counts only on this very origin. */
function targetOf(parameters: ReadonlyMap<string, string>, origin: string): string | undefined {
  const target = parameters.get('target_link_uri');
  if (target === undefined || !target.startsWith(`${origin}/`)) return parameters.get('return_to');
  return target.slice(origin.length);
}

/** Says which problem stopped a redirect. The words are ours, so nobody can put others there. */
function showProblem({ beginner }: CallbackParts, request: EndpointRequest): EndpointAnswer {
  const parameters = readParameters(request.url.search, { known: ['reason', 'request'] });
  const begun = isFault(parameters) ? undefined : parameters.get('request');
  const reason = isFault(parameters) ? undefined : parameters.get('reason');
  return problemPage(request, {
    code: isProblemCode(reason) ? reason : 'parameters',
    detail: isRequestId(begun) ? `the login of request ${begun} did not begin` : undefined,
    retryAt: '/',
    redirectUri: beginner.redirectUri(request.url.origin),
  });
}

/** Anybody may write the address: only what has the form of an id goes on to the access line. */
function isRequestId(text: string | undefined): boolean {
  return text !== undefined && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}

function refused(
  { beginner, context }: CallbackParts,
  request: EndpointRequest,
  { code, detail = '' }: Problem,
): EndpointAnswer {
  context.log.warn(`login not started: oidc.${code}`, { request: request.id, detail });
  const redirectUri = beginner.redirectUri(request.url.origin);
  return problemPage(request, { code, detail, retryAt: '/', redirectUri });
}
