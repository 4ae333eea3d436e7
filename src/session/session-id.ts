import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: impossible to guess, and never the same twice. */
const SECRET_OCTETS = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** The secret in the cookie. It is stored nowhere else. */
export function newSessionSecret(): string {
  return randomBytes(SECRET_OCTETS).toString('base64url');
}

export function isSessionSecret(text: string): boolean {
  return SECRET.test(text);
}

/** The store knows a session by the digest of its secret, so a copy of the store opens no session. */
export function sessionIdOf(secret: string): string {
  return createHash('sha256').update(secret, 'latin1').digest('base64url');
}
