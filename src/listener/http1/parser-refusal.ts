import { refuse, type Refusal, type RefusalCode } from '../../core/refusal.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** llhttp's codes for a message whose length cannot be told. The rest is malformed. */
const CODES: ReadonlyMap<string, RefusalCode> = new Map<string, RefusalCode>([
  ['HPE_INVALID_TRANSFER_ENCODING', 'ambiguous_framing'],
  ['HPE_INVALID_CONTENT_LENGTH', 'ambiguous_framing'],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', 'ambiguous_framing'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'headers_too_large'],
  ['HPE_PAUSED_H2_UPGRADE', 'version_not_supported'],
]);

/** Of every code of llhttp. */
const PREFIX = 'HPE_';
/** A wrong version and a bare LF after it share llhttp's code; its words tell them apart. */
const VERSION_WORDS = 'Invalid HTTP version';

/** What node's parser would not read, as a refusal. Undefined: no message was broken, the peer is gone. */
export function parserRefusal(error: unknown): Refusal | undefined {
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  if (typeof code !== 'string' || !code.startsWith(PREFIX)) return undefined;
  const isVersion = code === 'HPE_INVALID_VERSION' && reason === VERSION_WORDS;
  const refusal = isVersion ? 'version_not_supported' : (CODES.get(code) ?? 'malformed_request');
  return refuse(refusal, {
    closeConnection: true,
    reason: namedReason(
      `http.hpe_${code.slice(PREFIX.length).toLowerCase()}`,
      typeof reason === 'string' ? reason : code,
    ),
  });
}

/** Node has waited for the end of a head as long as it may. */
export function isLateHead(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

/** The peer ended its half within a message. */
export function isEndOfInput(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'HPE_INVALID_EOF_STATE';
}
