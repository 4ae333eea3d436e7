import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { importPKCS8 } from 'jose';
import * as openid from 'openid-client';
import type { ClientMethod, ClientOptions } from '../options.ts';

/** How the client proves itself, when the options leave it open. */
export function clientMethod(
  client: ClientOptions,
  offered: readonly string[] | undefined,
): ClientMethod {
  if (client.method !== undefined) return client.method;
  if (client.cert !== undefined) return 'tls_client_auth';
  if (client.key !== undefined) return 'private_key_jwt';
  // OIDC Discovery 3: a provider that names nothing offers client_secret_basic.
  const isPostOnly =
    offered?.includes('client_secret_post') === true && !offered.includes('client_secret_basic');
  return isPostOnly ? 'client_secret_post' : 'client_secret_basic';
}

/** openid-client's way of that method (A10). Rejects when the key file cannot be read or used. */
export async function clientAuth(
  client: ClientOptions,
  method: ClientMethod,
): Promise<openid.ClientAuth> {
  switch (method) {
    case 'client_secret_basic':
      return openid.ClientSecretBasic(client.secret);
    case 'client_secret_post':
      return openid.ClientSecretPost(client.secret);
    case 'tls_client_auth':
      return openid.TlsClientAuth();
    case 'private_key_jwt':
      break;
  }
  const { keyId: kid } = client;
  const key = await readPrivateKey(client.key!);
  return openid.PrivateKeyJwt(kid === undefined ? key : { key, kid });
}

const CURVE_ALGORITHMS: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

async function readPrivateKey(file: string): Promise<openid.CryptoKey> {
  const key = createPrivateKey(await readFile(file));
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  return importPKCS8(pem, algorithmOf(key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve));
}

function algorithmOf(type: string | undefined, curve: string | undefined): string {
  if (type === 'rsa') return 'RS256';
  if (type === 'ed25519') return 'EdDSA';
  const algorithm = type === 'ec' ? CURVE_ALGORITHMS[curve ?? ''] : undefined;
  if (algorithm !== undefined) return algorithm;
  throw new Error(`a key of type ${type ?? 'none'} signs no client assertion`);
}
