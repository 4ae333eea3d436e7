import type { ClaimPath } from './snapshot.ts';

const FIXED: Readonly<Record<string, ClaimPath>> = {
  'identity.subject': { kind: 'subject' },
  'identity.issuer': { kind: 'issuer' },
  'identity.method': { kind: 'method' },
  'tenant.id': { kind: 'tenant' },
};
const CLAIMS = 'identity.claims';
/** One step below `identity.claims`: `.name` or `["any text"]`. */
const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\["((?:[^"\\]|\\["\\])+)"\]/y;

/** Reads `identity.claims.a.b`, `identity.claims["https://x/y"]`, `identity.subject` …; else undefined. */
export function parseClaimPath(text: string): ClaimPath | undefined {
  if (Object.hasOwn(FIXED, text)) return FIXED[text];
  if (!text.startsWith(CLAIMS) || text.length > 500) return undefined;
  const keys: string[] = [];
  STEP.lastIndex = CLAIMS.length;
  while (STEP.lastIndex < text.length) {
    const step = STEP.exec(text);
    if (step === null) return undefined;
    keys.push(step[1] ?? step[2]!.replace(/\\(["\\])/g, '$1'));
  }
  return keys.length === 0 ? undefined : { kind: 'claim', keys };
}
