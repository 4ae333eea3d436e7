import type { Call, EndpointAnswer, EndpointRequest, Session } from 'fairlead/plugin';
import { pathTo, seeOther, shown } from 'fairlead/plugin/kit';
import { Answers } from './answers.ts';
import { isOf } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { completed, markCookie, readMark } from './browser-mark.ts';
import { CodeExchange } from './exchange.ts';
import type { Login } from './exchange.ts';
import { authorizationProblem, malformedIdentity } from '../provider/failures.ts';
import { LIMITS } from '../limits.ts';
import type { LoginBeginner } from './login.ts';
import type { OidcParts } from '../parts.ts';
import { isFault } from './parameters.ts';
import { problemPage } from '../pages/problem-page.ts';
import { isProblem, problem } from '../pages/problems.ts';
import type { Problem, ProblemCode } from '../pages/problems.ts';
import type { Known } from '../provider/provider.ts';
import { meetsRequirements } from './step-up.ts';
import { wayLostPage } from '../pages/way-lost-page.ts';
import { toJson } from '../session/session-data.ts';
import { fromJson } from '../session/session-data.ts';

/**
 * What happens to tabs that begin at the same moment: the last cookie wins, or the provider's own
 * session changed under the code. Nothing was accepted, so the browser may go on by itself.
 */
const RACES: ReadonlySet<ProblemCode> = new Set(['other_browser', 'state_spent', 'code_refused']);

/**
 * No token came of it, so the state is as good as before: one browser that sends made-up codes fills no
 * store with the marks of logins that never were.
 */
const FRUITLESS: ReadonlySet<ProblemCode> = new Set([
  'code_refused',
  'client_rejected',
  'redirect_uri_mismatch',
  'provider_down',
]);

export interface CallbackParts extends OidcParts {
  readonly beginner: LoginBeginner;
}

/** Where the provider sends the browser back. Nothing changes unless the whole of it fits. */
export class Callback {
  readonly #parts: CallbackParts;
  readonly #exchange: CodeExchange;
  readonly #answers: Answers;

  constructor(parts: CallbackParts) {
    this.#parts = parts;
    this.#exchange = new CodeExchange(parts.options, parts.context);
    this.#answers = new Answers(parts.beginner.seal, parts.options.responseMode === 'form_post');
  }

  /** By form_post: goes on to `handle` when the browser is the right one, and changes nothing. */
  async handlePosted(request: EndpointRequest): Promise<EndpointAnswer> {
    const parameters = await this.#answers.readForm(request);
    if (isFault(parameters)) {
      return this.#page(request, problem('parameters', parameters.fault), undefined);
    }
    const attempt = await this.#attemptOf(parameters, request);
    if (isProblem(attempt)) return this.#page(request, attempt, undefined);
    const foreign = this.#browserFault(request, attempt);
    if (foreign !== undefined) return this.#page(request, foreign, attempt);
    const query = await this.#answers.carry(parameters);
    if (query !== undefined) return seeOther(`${request.url.pathname}${query}`);
    return this.#page(request, problem('parameters', 'the answer is too long'), attempt);
  }

  async handle(request: EndpointRequest, { deadline }: Call): Promise<EndpointAnswer> {
    const parameters = await this.#answers.read(request);
    if (isFault(parameters)) {
      return this.#page(request, problem('parameters', parameters.fault), undefined);
    }
    const attempt = await this.#attemptOf(parameters, request);
    if (isProblem(attempt)) return this.#page(request, attempt, undefined);
    const session = await this.#parts.context.sessions.current(request);
    if (session !== undefined && this.#isServed(attempt, session)) return goBack(request, attempt);
    const known = await this.#admit(request, parameters, attempt);
    if (isProblem(known)) return this.#page(request, known, attempt);
    const redirectUri = this.#parts.beginner.redirectUri(attempt.origin);
    const redemption = { attempt, redirectUri, parameters, deadline };
    const login = await this.#exchange.redeem(redemption, known);
    if (isProblem(login)) return this.#notRedeemed(request, login, attempt);
    const opened = await this.#open(request, { attempt, login, session });
    return isProblem(opened) ? this.#page(request, opened, attempt) : opened;
  }

  async #notRedeemed(request: EndpointRequest, fault: Problem, attempt: Attempt) {
    if (FRUITLESS.has(fault.code)) await this.#parts.context.store.delete(spentKey(attempt));
    return this.#page(request, fault, attempt);
  }

  /** The attempt of the state, when it is ours, of this host, and not too old. */
  async #attemptOf(
    parameters: ReadonlyMap<string, string>,
    { url }: EndpointRequest,
  ): Promise<Attempt | Problem> {
    const state = parameters.get('state');
    if (state === undefined) return problem('parameters', 'the parameter state is missing');
    const attempt = await this.#parts.beginner.seal.open('state', state);
    if (attempt === undefined) return problem('state_unknown', 'the state cannot be opened');
    return attempt.origin === url.origin
      ? attempt
      : problem('state_unknown', `the state is of ${attempt.origin}`);
  }

  /** Another tab was quicker: the session is younger than this attempt, and good enough for it. */
  #isServed(attempt: Attempt, session: Session): boolean {
    const { openedAtMs } = fromJson(session.data);
    if (openedAtMs <= attempt.startedAtMs) return false;
    return meetsRequirements(session.identity, attempt, this.#parts.context.clock.now());
  }

  /** The provider to redeem the code at, when browser, state and answer fit; then the state is spent. */
  async #admit(
    request: EndpointRequest,
    parameters: ReadonlyMap<string, string>,
    attempt: Attempt,
  ): Promise<Known | Problem> {
    const { context, provider } = this.#parts;
    const foreign = this.#browserFault(request, attempt);
    if (foreign !== undefined) return foreign;
    const known = await provider.known();
    if (known === undefined) return problem('provider_down', provider.problem);
    const fault = this.#answerFault(parameters, known);
    if (fault !== undefined) return fault;
    const isFirst = await context.store.set(spentKey(attempt), '1', {
      ttlMs: LIMITS.attemptMs + LIMITS.maxSkewMs,
      ifAbsent: true,
    });
    return isFirst ? known : problem('state_spent', 'the state was used before');
  }

  /** The login is of another browser, or too old. */
  #browserFault(request: EndpointRequest, attempt: Attempt): Problem | undefined {
    const { clock, name } = this.#parts.context;
    const ageMs = clock.now() - attempt.startedAtMs;
    if (ageMs > LIMITS.attemptMs) return problem('state_expired', `begun ${ageMs} ms ago`);
    const mark = readMark(request, name);
    if (mark === undefined) return problem('cookie_blocked', 'no login cookie came');
    const isOwn = isOf(attempt, mark.id);
    return isOwn ? undefined : problem('other_browser', 'the login cookie is another');
  }

  /** RFC 9207 2.4: whose answer it is comes first, whatever it says. */
  #answerFault(parameters: ReadonlyMap<string, string>, { metadata }: Known): Problem | undefined {
    const iss = parameters.get('iss');
    const isPromised = metadata.authorization_response_iss_parameter_supported === true;
    if (iss === undefined ? isPromised : iss !== this.#parts.options.issuer) {
      return problem('answer_invalid', `iss is ${shown(iss)}`);
    }
    const error = parameters.get('error');
    if (error !== undefined) {
      return authorizationProblem(error, parameters.get('error_description'));
    }
    return parameters.get('code') === undefined
      ? problem('parameters', 'the parameter code is missing')
      : undefined;
  }

  /** A new session id at each login, and the mark of a completed login beside it. */
  async #open(
    request: EndpointRequest,
    {
      attempt,
      login,
      session,
    }: { readonly attempt: Attempt; readonly login: Login; readonly session: Session | undefined },
  ): Promise<EndpointAnswer | Problem> {
    const { context, options } = this.#parts;
    const opened = await this.#session(request, login, session);
    if (isProblem(opened)) return opened;
    const mark = completed(readMark(request, context.name)!, context.clock.now());
    const cookie = markCookie(mark, context.name, options.responseMode === 'form_post');
    context.metrics.count('oidc.logins');
    return {
      response: goBack(request, attempt),
      setCookies: [...opened.setCookies, cookie],
    };
  }

  async #session(request: EndpointRequest, login: Login, before: Session | undefined) {
    try {
      return await this.#parts.context.sessions.open({
        request,
        identity: login.identity,
        data: toJson(login.data),
        ...(before !== undefined && { replaces: before.id }),
        ...(login.sid !== undefined && { sid: login.sid }),
      });
    } catch (thrown) {
      const fault = malformedIdentity(thrown);
      if (fault === undefined) throw thrown;
      return problem('token_invalid', fault);
    }
  }

  #page(
    request: EndpointRequest,
    { code, detail }: Problem,
    attempt: Attempt | undefined,
  ): EndpointAnswer {
    const { context, beginner } = this.#parts;
    context.metrics.count('oidc.login_problems', 1, { code });
    context.log.warn(`login failed: oidc.${code}`, { request: request.id, detail: detail ?? '' });
    return problemPage(request, {
      code,
      detail,
      retryAt: attempt?.returnTo ?? '/',
      goOnTo: RACES.has(code) ? this.#nextRound(attempt) : undefined,
      redirectUri: beginner.redirectUri(request.url.origin),
    });
  }

  /** Where the login of a tab that lost a race begins again, or finds that another one won. */
  #nextRound(attempt: Attempt | undefined): string | undefined {
    const round = (attempt?.round ?? 0) + 1;
    if (attempt === undefined || round > LIMITS.rounds) return undefined;
    const { returnTo, isWayLost, acr, maxAgeSeconds } = attempt;
    const query = new URLSearchParams({
      // A wish that cannot be kept, so that the next round knows that there was one.
      return_to: isWayLost === true ? '' : returnTo,
      round: String(round),
      ...(acr !== undefined && { acr_values: acr }),
      ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    });
    return `${pathTo(this.#parts.context.name, 'login')}?${query.toString()}`;
  }
}

/** To the page that was wanted, or to a word about it. */
function goBack(request: EndpointRequest, { returnTo, isWayLost }: Attempt): Response {
  return isWayLost === true ? wayLostPage(request) : seeOther(returnTo);
}

function spentKey({ id }: Attempt): string {
  return `spent.${id}`;
}
