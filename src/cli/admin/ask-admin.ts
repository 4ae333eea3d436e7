import { readFile } from 'node:fs/promises';
import { adminOf } from './admin-of.ts';
import type { AdminFlags } from './admin-of.ts';

/** A reload asks plugins, which may wait for their issuers. */
const ANSWER_MS = 60_000;

interface AdminAnswer {
  readonly status: number;
  readonly value: unknown;
}

/** Sends a POST to the admin listener. Undefined, and said so: it cannot be asked, or does not let us. */
export async function askAdmin(
  flags: AdminFlags,
  path: string,
  sent: unknown = {},
): Promise<AdminAnswer | undefined> {
  const url = await adminOf(flags);
  if (url === undefined) return undefined;
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await credentialsOf(flags)) },
      body: JSON.stringify(sent),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const isJson = response.headers.get('content-type') === 'application/json';
    if (isJson) return { status: response.status, value: await response.json() };
    console.error(`fairlead: ${new URL(url).host}: ${(await response.text()).trim()}`);
  } catch (error) {
    console.error(`fairlead: ${new URL(url).host}: ${messageOf(error)}`);
  }
  return undefined;
}

/** The token of `gateway.admin.auth`, for a request. Rejects when its file cannot be read. */
export async function credentialsOf({ tokenFile }: AdminFlags): Promise<Record<string, string>> {
  if (tokenFile === undefined) return {};
  const token = (await readFile(tokenFile, 'utf8')).trim();
  return { authorization: `Bearer ${token}` };
}

/** `fetch` says why in the cause. */
export function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message || String(cause)}` : message;
}
