import type { EndpointAnswer, EndpointRequest } from 'fairlead/plugin';
import { markup, pageResponse } from 'fairlead/plugin/kit';
import type { Markup } from 'fairlead/plugin/kit';
import { PROBLEMS, problemReason } from './problems.ts';
import type { ProblemCode } from './problems.ts';

export interface ProblemPage {
  readonly code: ProblemCode;
  /** For operators; not on the page. */
  readonly detail?: string | undefined;
  /** A path on this host, for another try; none when there is nothing to try. */
  readonly retryAt?: string | undefined;
  /** A path on this host to which the browser goes by itself: it is logged in, or begins again. */
  readonly goOnTo?: string | undefined;
  /** What an operator has to register, where that is the matter. */
  readonly redirectUri?: string;
}

/** Problems whose cure begins with the redirect URI. */
const TO_REGISTER: ReadonlySet<ProblemCode> = new Set(['redirect_uri_mismatch', 'login_host']);

/** The page for a problem: what happened, what to do, and the id to quote, under which the log has the detail. */
export function problemPage(
  request: EndpointRequest,
  page: ProblemPage,
): Exclude<EndpointAnswer, Response> {
  const { status, title, sentence } = PROBLEMS[page.code];
  const { retryAt } = page;
  const retry =
    retryAt === undefined
      ? undefined
      : markup`<p class="acts"><a class="button" href="${retryAt}">Try again</a></p>`;
  const uri =
    !TO_REGISTER.has(page.code) || page.redirectUri === undefined
      ? undefined
      : markup`<p>The redirect URI is <code class="id">${breakable(page.redirectUri)}</code></p>`;
  const reason = problemReason(page.code, page.detail);
  const shownCode = `${reason.code} (${status})`;
  const response = pageResponse(request, {
    status,
    title,
    content: markup`<p>${sentence}</p>
${uri}
${retry}`,
    isHeld: true,
    reference: { requestId: request.id, code: shownCode },
    goOnTo: page.goOnTo,
    ...(status === 503 && { headers: { 'retry-after': '5' } }),
  });
  return { response, setCookies: [], reason };
}

/** Lines break behind slashes, and what is copied is the same. */
function breakable(uri: string): readonly Markup[] {
  return uri.split(/(?<=\/)/).map((part) => markup`${part}<wbr>`);
}
