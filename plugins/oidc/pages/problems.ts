import type { Reason } from 'fairlead/plugin';

/**
 * Why a login, or a logout, did not come about. The words are for the person in front of the browser;
 * the code, as `oidc.<code>`, is for the operator who is shown it and for the log.
 */
export const PROBLEMS = {
  parameters: {
    status: 400,
    title: 'This address is not complete',
    sentence:
      'The sign-in provider sent you back with parameters that are missing, repeated or malformed.',
  },
  state_unknown: {
    status: 400,
    title: 'We do not know this sign-in',
    sentence: 'This sign-in was not started here, or it was started too long ago.',
  },
  state_expired: {
    status: 400,
    title: 'Signing in took too long',
    sentence: 'More than ten minutes passed between the start and the end of signing in.',
  },
  state_spent: {
    status: 400,
    title: 'This sign-in was already used',
    sentence: 'Each sign-in works once. You may have reloaded the page or used the back button.',
  },
  other_browser: {
    status: 400,
    title: 'This sign-in was started in another browser',
    sentence:
      'The sign-in was started in another browser, or another tab started one at the same moment.',
  },
  cookie_blocked: {
    status: 400,
    title: 'The browser sent no cookie',
    sentence:
      'Signing in needs a cookie of this site. The cookie was blocked or deleted, or the sign-in was started in another browser.',
  },
  clock_skew: {
    status: 502,
    title: 'The clocks differ',
    sentence: 'The clocks of the sign-in provider and of this gateway differ.',
  },
  redirect_uri_mismatch: {
    status: 502,
    title: 'The sign-in provider does not know this address',
    sentence:
      'The redirect URI of this site is not registered with the sign-in provider. An operator has to add it there.',
  },
  login_host: {
    status: 403,
    title: 'Signing in is not set up for this address',
    sentence:
      'People cannot sign in at this host name. An operator has to add it to the login hosts, and register its redirect URI.',
  },
  client_rejected: {
    status: 502,
    title: 'The sign-in provider does not accept this gateway',
    sentence:
      'The sign-in provider refused a request of this gateway. An operator has to check how the gateway is registered there.',
  },
  provider_down: {
    status: 503,
    title: 'The sign-in provider does not answer',
    sentence: 'The sign-in provider did not answer in time. Please try again in a few minutes.',
  },
  login_refused: {
    status: 403,
    title: 'You could not sign in',
    sentence: 'Signing in was cancelled, or the sign-in provider did not allow it.',
  },
  answer_invalid: {
    status: 400,
    title: 'The answer is not from the sign-in provider',
    sentence: 'The answer came from a different provider than the one you started with.',
  },
  code_refused: {
    status: 400,
    title: 'Signing in could not be completed',
    sentence: 'The sign-in provider did not accept the code that it had issued.',
  },
  token_invalid: {
    status: 502,
    title: 'The sign-in provider sent an unusable answer',
    sentence: 'The answer of the sign-in provider could not be verified.',
  },
  assurance: {
    status: 403,
    title: 'Sign in in a stronger way',
    sentence:
      'The sign-in provider did not sign you in as recently or as strongly as this page needs.',
  },
  logout_state: {
    status: 400,
    title: 'We do not know this sign-out',
    sentence:
      'The answer of the sign-in provider does not belong to the last sign-out of this browser. You may still be signed in.',
  },
  loop: {
    status: 400,
    title: 'You are asked to sign in again and again',
    sentence:
      'You signed in twice within a minute, and each time the session was gone. The browser may be refusing the session cookie.',
  },
  unavailable: {
    status: 503,
    title: 'Signing in is not possible right now',
    sentence:
      'The gateway cannot read or write sessions right now. Please try again in a few minutes.',
  },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** A returned value; `detail` is for operators and never holds a credential. */
export interface Problem {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  readonly detail?: string;
}

export function problem(code: ProblemCode, detail?: string): Problem {
  return detail === undefined ? { kind: 'problem', code } : { kind: 'problem', code, detail };
}

/** True for a Problem, whatever else it could have been. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'problem';
}

export function isProblemCode(code: string | undefined): code is ProblemCode {
  return code !== undefined && Object.hasOwn(PROBLEMS, code);
}

/** The reason of a problem: its code is in docs/login.md, and on the page. */
export function problemReason(code: ProblemCode, detail?: string): Reason {
  const name = `oidc.${code}`;
  return detail === undefined || detail === '' ? { code: name } : { code: name, detail };
}
