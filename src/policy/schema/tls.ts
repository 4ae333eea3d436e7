import { z } from 'zod';
import {
  APPLICATION_PROTOCOLS,
  CIPHER_SUITES,
  KEY_GROUPS,
  TLS_VERSIONS,
} from '../../core/tls-policy.ts';
import { mapping } from './scalars.ts';

const chosenOf = <const T extends readonly [string, ...string[]]>(
  names: T,
  description: string,
) => {
  const error = `must be one of ${names.join(', ')}`;
  const wanted = `must be a list of ${names.join(', ')}`;
  return z
    .array(z.enum(names, { error }), { error: wanted })
    .min(1, { error: 'must name at least one' })
    .optional()
    .meta({ description, uniqueItems: true });
};

const version = (description: string, byDefault: string) =>
  z
    .enum(TLS_VERSIONS, { error: `must be ${TLS_VERSIONS.join(' or ')}` })
    .optional()
    .meta({ description, byDefault });

/** TLS with clients. What is not in the lists of `core/tls-policy.ts` cannot be chosen. */
export const tls = mapping('TLS with clients; not of passthrough routes.', {
  min: version('The oldest version.', 'TLSv1.2'),
  max: version('The newest version.', 'TLSv1.3'),
  ciphers: chosenOf(CIPHER_SUITES, 'Cipher suites, the preferred one first. Default: all of them.'),
  groups: chosenOf(
    KEY_GROUPS,
    'Groups of key exchange, the preferred one first. Default: those of OpenSSL, X25519MLKEM768 (post-quantum) first.',
  ),
  alpn: chosenOf(
    APPLICATION_PROTOCOLS,
    'Versions of HTTP, the preferred one first. Default: both.',
  ),
})
  .refine(({ min, max }) => !(min === 'TLSv1.3' && max === 'TLSv1.2'), {
    error: 'must have a "min" that is not above its "max"',
  })
  .refine(hasCipher, { error: 'must have a cipher suite for one of its versions' });

/** Suites of TLS 1.3 have names of their own. */
function hasCipher({ min, max, ciphers }: TlsChoice): boolean {
  if (ciphers === undefined) return true;
  const isOf13 = (name: string) => name.startsWith('TLS_');
  const serves13 = max !== 'TLSv1.2' && ciphers.some(isOf13);
  return serves13 || (min !== 'TLSv1.3' && ciphers.some((name) => !isOf13(name)));
}

interface TlsChoice {
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly ciphers?: readonly string[] | undefined;
}
