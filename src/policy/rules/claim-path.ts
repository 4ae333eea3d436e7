import type { ClaimPath } from '../snapshot/snapshot.ts';

const FIXED: Readonly<Record<string, ClaimPath>> = {
  'identity.subject': { kind: 'subject' },
  'identity.issuer': { kind: 'issuer' },
  'identity.method': { kind: 'method' },
  'tenant.id': { kind: 'tenant' },
};
const CLAIMS = 'identity.claims';
/** The claims of another provider of `{ all: [...] }`. */
const WITH = /^identity\.with\.([a-z][a-z0-9-]{0,62})(?![A-Za-z0-9_-])/;
const MAX_LENGTH = 500;
/** One step below the claims: `.name` or `["any text"]`. */
const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\["((?:[^"\\]|\\["\\])+)"\]/y;

/**
 * Reads `identity.claims.a.b`, `identity.claims["https://x/y"]`, `identity.with.api.a` (claims of the
 * provider `api`), `identity.subject` …; else undefined.
 */
export function parseClaimPath(text: string): ClaimPath | undefined {
  if (Object.hasOwn(FIXED, text)) return FIXED[text];
  if (text.length > MAX_LENGTH) return undefined;
  const beside = WITH.exec(text);
  if (beside !== null) {
    const keys = stepsFrom(text, beside[0].length);
    return keys === undefined ? undefined : { kind: 'with', provider: beside[1]!, keys };
  }
  const keys = text.startsWith(CLAIMS) ? stepsFrom(text, CLAIMS.length) : undefined;
  return keys === undefined ? undefined : { kind: 'claim', keys };
}

/** As an operator writes it; what `parseClaimPath` reads. */
export function claimPathText(path: ClaimPath): string {
  switch (path.kind) {
    case 'claim':
      return `${CLAIMS}${path.keys.map(stepText).join('')}`;
    case 'with':
      return `identity.with.${path.provider}${path.keys.map(stepText).join('')}`;
    case 'tenant':
      return 'tenant.id';
    case 'subject':
    case 'issuer':
    case 'method':
      return `identity.${path.kind}`;
  }
}

function stepText(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Reads a key of `require.claims`: a whole path below `identity`, or what follows `identity.claims`. */
export function parseClaimKey(text: string): ClaimPath | undefined {
  if (text.startsWith('identity.')) return parseClaimPath(text);
  return parseClaimPath(`${CLAIMS}${text.startsWith('[') ? '' : '.'}${text}`);
}

/** The keys from there to the end of the text; undefined when there is none, or something else. */
function stepsFrom(text: string, start: number): readonly string[] | undefined {
  const keys: string[] = [];
  STEP.lastIndex = start;
  while (STEP.lastIndex < text.length) {
    const step = STEP.exec(text);
    if (step === null) return undefined;
    keys.push(step[1] ?? step[2]!.replace(/\\(["\\])/g, '$1'));
  }
  return keys.length === 0 ? undefined : keys;
}
