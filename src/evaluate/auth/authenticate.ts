import type { AuthenticatedIdentity } from '../../core/identity.ts';
import type { RequestFacts } from '../../core/message.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { ProviderAnswer, Refusal } from '../../core/refusal.ts';
import type { AuthResult, Challenge, Cookie, Identity } from '../../plugin/contract.ts';
import type { Reason, RequestView, UnclaimedCredential } from '../../plugin/contract.ts';
import type { Provider, PluginError, ProviderSet, SignalSource } from '../../plugin/host/host.ts';
import type { AuthRequirement, Rule } from '../../policy/snapshot/snapshot.ts';
import { challenged, denied, expired, providerFailed, unclaimed } from './auth-refusal.ts';
import type { ChallengeContext } from './auth-refusal.ts';
import { hasCookieRoom } from '../../browser/cookie-room.ts';
import { chooseLogin, rememberChoice } from './login-choice.ts';
import { loginUrl } from '../../browser/login-url.ts';
import { LazyRequestView } from './request-view.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** Undefined: the rule is public, or its login optional and nobody is logged in. */
export type AuthOutcome = AuthenticatedIdentity | Refusal | undefined;

export interface AuthenticateInput {
  readonly exchangeId: string;
  readonly request: RequestFacts;
  readonly rule: Rule;
  readonly providers: ProviderSet;
  readonly publicPort: number;
  readonly signal: SignalSource;
  /** Cookies that keep a provider's session which was found for this view. Default: none. */
  readonly renewal?: (provider: string, view: RequestView) => readonly Cookie[];
  /** Told of each provider that was asked, in order: for explain and the decision record. */
  readonly observe?: (provider: string, result: AuthResult | PluginError) => void;
}

const NO_CREDENTIAL: Reason = namedReason('auth.no_credential');
const NOBODY = { reason: NO_CREDENTIAL, isStepUp: false };

/**
 * The fifth stage. Any-of: the first result that is not `pass` decides, so a bad credential denies and
 * does not fall through. All-of: every provider must give an identity. Optional: as any-of, but without a
 * credential there is no identity, and nobody is sent to a login. A promise only when a plugin answers with
 * one. Does not throw or reject.
 */
export function authenticate(input: AuthenticateInput): AuthOutcome | Promise<AuthOutcome> {
  const { auth } = input.rule;
  if (auth.kind === 'public') return undefined;
  const round = new ProviderRound(input, auth);
  const outcome = round.askFrom(0);
  if (!(outcome instanceof Promise)) return round.signed(outcome);
  return outcome.then((late) => round.signed(late));
}

type Requirement = Exclude<AuthRequirement, { readonly kind: 'public' }>;

/** One request and the providers of its rule: which were asked, passed or gave an identity. */
class ProviderRound {
  readonly #input: AuthenticateInput;
  readonly #requirement: Requirement;
  #view: LazyRequestView;
  readonly #identities: AuthenticatedIdentity[] = [];
  #passed: Provider[] = [];
  /** A credential that no provider has taken yet, in the words of each that left it. */
  #unclaimed: [provider: string, UnclaimedCredential][] | undefined;
  #fallback: ((why: Reason) => Refusal) | undefined;
  /** The last provider that was asked, and what it said. */
  #asked = -1;
  #last: AuthResult | PluginError | undefined;

  constructor(input: AuthenticateInput, requirement: Requirement) {
    this.#input = input;
    this.#requirement = requirement;
    this.#view = new LazyRequestView(input);
  }

  /** A refusal says what each provider said; everything else goes on as it is. */
  signed(outcome: AuthOutcome): AuthOutcome {
    return isRefusal(outcome) ? { ...outcome, answers: this.#answers() } : outcome;
  }

  askFrom(start: number): AuthOutcome | Promise<AuthOutcome> {
    const names = this.#requirement.providers;
    for (let i = start; i < names.length; i += 1) {
      const name = names[i]!;
      const provider = this.#input.providers.get(name);
      if (provider === undefined) return providerFailed(name, namedReason('plugin.unknown'));
      const result = provider.authenticate(this.#view, this.#input.signal);
      this.#asked = i;
      if (result instanceof Promise) {
        return result.then((late) => this.#take(provider, late) ?? this.askFrom(i + 1));
      }
      const decided = this.#take(provider, result);
      if (decided !== undefined) return decided;
    }
    if (this.#passed.length === 0) return this.#together();
    // A bad credential denies: it is no reason to send somebody to a login.
    if (this.#unclaimed !== undefined) return unclaimed(this.#unclaimed);
    return this.#isOptional ? undefined : this.#challengePassed();
  }

  /** What the result decides; undefined: ask the next. */
  #take(provider: Provider, result: AuthResult | PluginError): AuthOutcome {
    const { name } = provider;
    this.#input.observe?.(name, result);
    this.#last = result;
    switch (result.kind) {
      case 'pass':
        if (result.unclaimed !== undefined) (this.#unclaimed ??= []).push([name, result.unclaimed]);
        return this.#passes(provider);
      case 'identity':
        return this.#accept(provider, result);
      case 'challenge': {
        // What a login would have to renew is no credential.
        if (this.#isOptional) return this.#passes(provider);
        const { challenge, reason, isStepUp = false } = result;
        return this.#challenged([provider], [challenge], { reason, isStepUp });
      }
      case 'deny':
        return denied(name, result);
      case 'error':
        break;
    }
    return providerFailed(name, result.reason);
  }

  get #isOptional(): boolean {
    return this.#requirement.kind === 'optional';
  }

  #passes(provider: Provider): undefined {
    this.#passed.push(provider);
  }

  #accept(
    asked: Provider,
    result: Extract<AuthResult, { readonly kind: 'identity' }>,
  ): AuthOutcome {
    const { name: provider } = asked;
    const { identity, setCookies, authorization } = result;
    const { expiresAt, session } = identity;
    if (expiresAt !== undefined && expiresAt <= this.#input.request.receivedAtMs) {
      // An expired session is no credential, an expired token a bad one.
      const isNone = this.#isOptional && session !== undefined;
      return isNone ? this.#passes(asked) : expired(provider);
    }
    const renewed = this.#input.renewal?.(provider, this.#view) ?? [];
    const cookies = [...merged(renewed, setCookies ?? []), ...this.#choice(provider, identity)];
    if (!hasCookieRoom(this.#view, cookies, 'renewal')) return refuse('sessions_too_large');
    const accepted = {
      ...identity,
      provider,
      ...(cookies.length > 0 && { setCookies: cookies }),
      ...(authorization !== undefined && { authorization }),
    };
    if (this.#requirement.kind !== 'all') return accepted;
    this.#identities.push(accepted);
    return undefined;
  }

  /** A person who is logged in, where there are several logins, gets this one the next time. */
  #choice(provider: string, { session }: Identity): readonly Cookie[] {
    const { kind, providers: names } = this.#requirement;
    if (session === undefined || kind === 'all' || names.length < 2) return [];
    const providers = names.flatMap((name) => this.#input.providers.get(name) ?? []);
    return rememberChoice(provider, providers, this.#view);
  }

  /** Of the providers before the last, each passed (any-of) or gave an identity (all-of). */
  #answers(): readonly ProviderAnswer[] {
    const asked = this.#requirement.providers.slice(0, this.#asked + 1);
    return asked.map((provider, index) => {
      if (index === this.#asked && this.#last !== undefined) return answerOf(provider, this.#last);
      if (this.#identities.some((each) => each.provider === provider)) {
        return { provider, said: 'identity' };
      }
      const left = this.#unclaimed?.find(([name]) => name === provider);
      return { provider, said: 'pass', ...(left !== undefined && { reason: left[1].reason }) };
    });
  }

  /** All-of: the first is the subject; it ends when the first of them ends. */
  #together(): AuthOutcome {
    const [subject, ...others] = this.#identities;
    if (subject === undefined) return providerFailed('none', namedReason('auth.no_provider'));
    const ends = this.#identities.flatMap(({ expiresAt }) => expiresAt ?? []);
    const cookies = this.#identities.flatMap(({ setCookies }) => setCookies ?? []);
    const loggedIn = this.#identities.find(({ session }) => session !== undefined);
    const forwards = this.#identities.find(({ authorization }) => authorization !== undefined);
    return {
      ...subject,
      ...(loggedIn?.session !== undefined && {
        session: loggedIn.session,
        sessionProvider: loggedIn.provider,
      }),
      ...(forwards?.authorization !== undefined && { authorization: forwards.authorization }),
      members: this.#identities,
      with: Object.fromEntries(others.map((other) => [other.provider, other.claims])),
      ...(ends.length > 0 && { expiresAt: Math.min(...ends) }),
      ...(cookies.length > 0 && { setCookies: cookies }),
    };
  }

  #challengePassed(): AuthOutcome | Promise<AuthOutcome> {
    // Of all-of every login is wanted, so the first is as good as any.
    if (this.#requirement.kind === 'all') return this.#challengeFrom(0, []);
    const choice = chooseLogin(this.#passed, this.#input, this.#view);
    if (choice.kind === 'ask') return choice.refusal;
    if (choice.kind === 'chosen') {
      this.#passed = [choice.provider];
      this.#view = choice.view;
      this.#fallback = choice.fallback;
    }
    return this.#challengeFrom(0, []);
  }

  /** Collects the challenge of everyone who passed, in order. */
  #challengeFrom(start: number, found: readonly Challenge[]): AuthOutcome | Promise<AuthOutcome> {
    const challenges = [...found];
    for (let i = start; i < this.#passed.length; i += 1) {
      const provider = this.#passed[i]!;
      const answer = provider.challenge(this.#view, NO_CREDENTIAL, this.#input.signal);
      if (answer instanceof Promise) {
        return answer.then(
          (late) =>
            this.#takeChallenge(provider, late, challenges) ??
            this.#challengeFrom(i + 1, challenges),
        );
      }
      const decided = this.#takeChallenge(provider, answer, challenges);
      if (decided !== undefined) return decided;
    }
    return this.#challenged(this.#passed, challenges, NOBODY);
  }

  /** A page load goes to the first login that begins; no further login is started. */
  #takeChallenge(
    provider: Provider,
    answer: Challenge | PluginError | undefined,
    challenges: Challenge[],
  ): Refusal | undefined {
    if (isError(answer)) return this.#notBegun(provider, answer.reason);
    challenges.push(answer ?? {});
    const isBegun = answer?.redirect !== undefined && this.#view.class === 'navigation';
    return isBegun ? this.#challenged(this.#passed, challenges, NOBODY) : undefined;
  }

  /** 503, unless the person can choose another. */
  #notBegun({ name }: Provider, why: Reason): Refusal {
    return this.#fallback?.(why) ?? providerFailed(name, why);
  }

  #challenged(
    providers: readonly Provider[],
    challenges: readonly Challenge[],
    why: Pick<ChallengeContext, 'reason' | 'isStepUp'>,
  ): Refusal {
    const down = challenges.findIndex((each) => each.unavailable !== undefined);
    if (down >= 0 && this.#view.class === 'navigation' && !challenges.some(hasRedirect)) {
      return this.#notBegun(providers[down]!, challenges[down]!.unavailable!);
    }
    const { request, publicPort } = this.#input;
    const { requires } = this.#view.route;
    const login = loginUrl(providers, { request, publicPort, requires });
    const begun = this.#view.class === 'navigation' ? challenges.findIndex(hasRedirect) : -1;
    const provider = providers[Math.max(begun, 0)]!.name;
    return challenged(this.#view, challenges, { ...why, provider, login });
  }
}

/** What a provider said, without what it knows of anybody. */
export function answerOf(provider: string, result: AuthResult | PluginError): ProviderAnswer {
  const reason = 'reason' in result ? result.reason : undefined;
  return { provider, said: result.kind, ...(reason !== undefined && { reason }) };
}

/** What the plugin sets is newer than what a look-up renewed: it comes of an update after it. */
function merged(renewed: readonly Cookie[], own: readonly Cookie[]): readonly Cookie[] {
  if (renewed.length === 0) return own;
  return [...new Map([...renewed, ...own].map((each) => [each.name, each])).values()];
}

function isError(answer: Challenge | PluginError | undefined): answer is PluginError {
  return answer !== undefined && 'kind' in answer && answer.kind === 'error';
}

function hasRedirect(challenge: Challenge): boolean {
  return challenge.redirect !== undefined;
}
