import { shown } from '../shown.ts';

/** Characters of another's address that an operator is shown. */
const SHOWN = 200;
/** OpenSSL's words for a certificate that is not trusted; a library's code of two of them. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/;

/**
 * Why an address could not be asked, in words for an operator. `fetch` itself says only that it failed;
 * what the system or TLS said is in a cause of it, and only that code is told.
 */
export function fetchFault(address: string, thrown: unknown): string {
  const code = codeOf(thrown);
  if (isTimeout(thrown, code)) return `${address} did not answer in time`;
  if (code !== undefined && CERTIFICATE.test(code)) {
    return `${address} shows a certificate that is not trusted (${code})`;
  }
  const refused = privateAddress(thrown);
  if (refused !== undefined) return `${address} is not asked: ${refused}`;
  return `${address} cannot be reached (${code ?? nameOf(thrown)})`;
}

/** The answer began, and its body did not come to an end. */
export function cutFault(address: string, thrown: unknown): string {
  const code = codeOf(thrown);
  return isTimeout(thrown, code)
    ? `${address} did not answer in time`
    : `${address} answered, and the answer was cut (${code ?? nameOf(thrown)})`;
}

/** A redirect is not followed (OpenID Connect Discovery 4.2 wants 200), so its target is told. */
export function statusFault(address: string, response: Response): string {
  const { headers, status } = response;
  const location = headers.get('location');
  if (status < 300 || status > 399 || location === null) {
    return `${address} answered ${status}, wanted 200`;
  }
  const target = URL.parse(location, address)?.href ?? location;
  return `${address} answered ${status}, a redirect to ${shown(target, SHOWN)}, which is not followed`;
}

function codeOf(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { readonly code?: unknown };
    if (typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code)) return code;
  }
  return undefined;
}

function isTimeout(thrown: unknown, code: string | undefined): boolean {
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return true;
  return code !== undefined && /TIMEOUT|TIMEDOUT/.test(code);
}

/** The gateway's own refusal after it looked the name up; its sentence quotes no answer. */
function privateAddress(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (/which is no public address; allowPrivate/.test(at.message)) return at.message;
  }
  return undefined;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'unknown';
}
