import { markup, pageResponse } from './html.ts';
import { PROBLEMS } from './problems.ts';
import type { ProblemCode } from './problems.ts';

export interface ProblemPage {
  readonly code: ProblemCode;
  /** The request's id, under which the log has the detail. */
  readonly requestId: string;
  /** A path on this host, for another try; none when there is nothing to try. */
  readonly retryAt?: string | undefined;
  /** A path on this host to which the browser goes by itself: it is logged in, or begins again. */
  readonly goOnTo?: string | undefined;
  /** What an operator has to register, where that is the matter. */
  readonly redirectUri?: string;
}

/** Problems whose cure begins with the redirect URI. */
const TO_REGISTER: ReadonlySet<ProblemCode> = new Set(['redirect_uri_mismatch', 'login_host']);

/** The page for a problem: what happened, what to do, and the id to quote. */
export function problemPage(page: ProblemPage): Response {
  const { status, title, sentence } = PROBLEMS[page.code];
  const { retryAt } = page;
  const retry =
    retryAt === undefined ? undefined : markup`<p><a href="${retryAt}">Try again</a></p>`;
  const uri =
    !TO_REGISTER.has(page.code) || page.redirectUri === undefined
      ? undefined
      : markup`<p>The redirect URI is <code>${page.redirectUri}</code></p>`;
  return pageResponse({
    status,
    title,
    content: markup`<p>${sentence}</p>
${uri}
${retry}
<p class="note">oidc.${page.code} (${String(status)}), request ${page.requestId}</p>`,
    goOnTo: page.goOnTo,
    ...(status === 503 && { headers: { 'retry-after': '5' } }),
  });
}
