import { X509Certificate } from 'node:crypto';
import { parseAllDocuments } from 'yaml';

/** What a Skupper site's `token issue` writes, reduced to what a redemption needs. */
export interface AccessToken {
  readonly name: string;
  readonly url: URL;
  /** Worth a membership of the network: never printed. */
  readonly code: string;
  /** The only authority trusted for the grant server. */
  readonly caPem: string;
}

export type ParsedToken =
  | { readonly kind: 'token'; readonly token: AccessToken }
  /** The rest of a sentence that begins with the file's name. */
  | { readonly kind: 'refused'; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/** A Kubernetes object name; it goes into a header field and becomes the name of a Link. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Codes are short; what is printable cannot break the request. */
const CODE = /^[!-~]{1,1024}$/;

/** Reads the one AccessToken of a YAML or JSON text; other documents are passed over. Never throws. */
export function parseAccessToken(text: string): ParsedToken {
  let tokens: Fields[];
  try {
    tokens = documentsOf(text).filter(({ kind }) => kind === 'AccessToken');
  } catch {
    return refused('is not well-formed YAML or JSON');
  }
  const [token] = tokens;
  if (token === undefined) return refused('holds no AccessToken');
  if (tokens.length > 1) return refused(`holds ${tokens.length} AccessTokens, wanted one`);
  return tokenOf(fieldsOf(token['metadata']), fieldsOf(token['spec']));
}

function documentsOf(text: string): Fields[] {
  const documents = parseAllDocuments(text, {
    // Everything is text: a code of digits must not become a number.
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [trouble] = document.errors;
    if (trouble !== undefined) throw trouble;
    return fieldsOf(document.toJS({ maxAliasCount: 100 }));
  });
}

function tokenOf(metadata: Fields, spec: Fields): ParsedToken {
  const name = textOf(metadata['name']);
  if (!OBJECT_NAME.test(name)) return refused('has no metadata.name that is a resource name');
  const url = httpsUrlOf(textOf(spec['url']));
  if (url === undefined) return refused('has no spec.url that begins with https://');
  const code = textOf(spec['code']);
  if (!CODE.test(code)) return refused('has no spec.code of printable characters');
  const caPem = textOf(spec['ca']);
  if (!isCertificate(caPem)) return refused('has no spec.ca that is a certificate in PEM');
  return { kind: 'token', token: { name, url, code, caPem } };
}

function httpsUrlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' ? url : undefined;
}

/** Without this an empty `ca` would mean the system's authorities, which must not be trusted here. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function refused(reason: string): ParsedToken {
  return { kind: 'refused', reason };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
