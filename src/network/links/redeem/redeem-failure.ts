import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { AccessToken } from './access-token.ts';

/**
 * Why a grant server was not asked, without the advice that Node adds to TLS errors: only the token's own
 * authority counts here. The rest of a sentence.
 */
export async function failureOf(token: AccessToken, error: Error, clock: Clock): Promise<string> {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const plain = PLAIN_REASONS[code];
  if (plain !== undefined) return `${plain} (${code})`;
  if (/^ERR_SSL_|^EPROTO$/.test(code)) return `TLS 1.3 was not agreed on (${code})`;
  if (!CERTIFICATE_CODES.test(code)) return error.message;
  const shown = await shownCertificate(token.url, clock);
  if (shown === undefined) return `its certificate is not trusted (${code})`;
  return `${certificateReason(code, shown, token)} (${code})`;
}

const PLAIN_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'the connection was not made in time',
  EHOSTUNREACH: 'its address cannot be reached',
  ENETUNREACH: 'its address cannot be reached',
  ECONNRESET: 'the connection was closed before an answer came',
};

/** Of OpenSSL's verification, as Node names its results. */
const CERTIFICATE_CODES = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_)/;

function certificateReason(
  code: string,
  shown: X509Certificate,
  { caPem, url }: AccessToken,
): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = shown.subjectAltName?.slice(0, 200) ?? 'no name';
    return `it showed a certificate for ${names}, wanted one for ${url.hostname}`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `its certificate expired on ${shown.validTo}`;
  if (code === 'CERT_NOT_YET_VALID') {
    return `its certificate is not valid before ${shown.validFrom}; is the clock of this machine right?`;
  }
  const wanted = new X509Certificate(caPem);
  const issuer = nameOf(shown.issuer);
  const isOfThatName = shown.issuer === wanted.subject;
  return (
    `it showed a certificate issued by ${issuer}, ` +
    `wanted one by the token's authority, ${nameOf(wanted.subject)}` +
    `${isOfThatName ? ' of the same name but with another key' : ''}; issue a new token`
  );
}

/** A second connection that is believed in nothing and sends nothing: the first did not keep what it saw. */
function shownCertificate(url: URL, clock: Clock): Promise<X509Certificate | undefined> {
  const { promise, resolve } = Promise.withResolvers<X509Certificate | undefined>();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: Number(url.port || 443),
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  });
  const limit = clock.after(DEADLINES.redeemMs, () => socket.destroy());
  socket.once('secureConnect', () => {
    resolve(socket.getPeerX509Certificate());
    socket.destroy();
  });
  socket.once('error', () => resolve(undefined));
  socket.once('close', () => {
    limit.cancel();
    resolve(undefined);
  });
  return promise;
}

/** What the peer says is shown in one line, and not what it could do to a terminal. */
function nameOf(subject: string): string {
  return subject
    .replaceAll('\n', ', ')
    .replace(/[^ -~]/g, '')
    .slice(0, 100);
}
