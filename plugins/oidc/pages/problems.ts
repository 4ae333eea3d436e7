import { stringifyJson } from 'fairlead/plugin';
/**
 * Why a login, or a logout, did not come about. The words are for the person in front of the browser;
 * the code, as `oidc.<code>`, is for the operator who is shown it and for the log.
 */
export const PROBLEMS = {
  parameters: {
    status: 400,
    title: 'This address is not complete',
    sentence: 'The login came back with parameters that are missing, doubled or malformed.',
  },
  state_unknown: {
    status: 400,
    title: 'This login is not known',
    sentence: 'The login did not begin here, or so long ago that it is forgotten.',
  },
  state_expired: {
    status: 400,
    title: 'This login took too long',
    sentence: 'More than ten minutes went by between the beginning and the end of the login.',
  },
  state_spent: {
    status: 400,
    title: 'This login is over already',
    sentence: 'Each login works once. A reload or the back button showed an old one again.',
  },
  other_browser: {
    status: 400,
    title: 'This login began elsewhere',
    sentence: 'The login began in another browser, or another tab began one at the same moment.',
  },
  cookie_blocked: {
    status: 400,
    title: 'The browser sent no cookie',
    sentence:
      'A login needs one cookie of this site. It was blocked or deleted, or the login began in another browser.',
  },
  clock_skew: {
    status: 502,
    title: 'The clocks do not agree',
    sentence: 'The login provider and this gateway do not agree what time it is.',
  },
  redirect_uri_mismatch: {
    status: 502,
    title: 'The login provider does not know this address',
    sentence:
      'The redirect URI of this site is not registered with the login provider. An operator has to add it there.',
  },
  login_host: {
    status: 403,
    title: 'There is no login at this address',
    sentence:
      'People cannot log in at this host name. An operator has to add it to the login hosts, and register its redirect URI.',
  },
  client_rejected: {
    status: 502,
    title: 'The login provider does not accept this gateway',
    sentence: 'The login provider refused what this gateway asked of it. An operator has to look.',
  },
  provider_down: {
    status: 503,
    title: 'The login provider does not answer',
    sentence: 'The login provider could not be reached in time. Please try again in a while.',
  },
  login_refused: {
    status: 403,
    title: 'The login was refused',
    sentence: 'The login was cancelled, or the login provider did not allow it.',
  },
  answer_invalid: {
    status: 400,
    title: 'The answer is not from the login provider',
    sentence: 'The login came back from another provider than the one it was begun with.',
  },
  code_refused: {
    status: 400,
    title: 'The login could not be completed',
    sentence: 'The login provider did not accept the code that came back from it.',
  },
  token_invalid: {
    status: 502,
    title: 'The login provider sent an unusable answer',
    sentence: 'What the login provider says about you could not be verified.',
  },
  assurance: {
    status: 403,
    title: 'A stronger login is needed',
    sentence:
      'The login provider did not log you in as recently or as strongly as this page needs.',
  },
  logout_state: {
    status: 400,
    title: 'This logout is not known',
    sentence:
      'The way back from the login provider is not of the last logout of this browser. You may still be logged in.',
  },
  loop: {
    status: 400,
    title: 'The login goes round in circles',
    sentence:
      'You logged in twice within a minute and the session was gone each time. The browser may be refusing the session cookie.',
  },
  unavailable: {
    status: 503,
    title: 'Logins are not possible right now',
    sentence:
      'The gateway cannot keep or find sessions at the moment. Please try again in a while.',
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

/** A value from outside for an operator's eyes: escaped and short. */
export function shown(value: unknown): string {
  const text = stringifyJson(value) ?? 'nothing';
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
