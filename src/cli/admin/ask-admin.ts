import { readFile } from 'node:fs/promises';
import { atMost, printable } from '../../policy/issues/printable.ts';
import { adminOf } from './admin-of.ts';
import type { AdminFlags } from './admin-of.ts';

/** A reload asks plugins, which may wait for their issuers. */
const ACT_MS = 60_000;
/** What is asked for is in memory. */
const READ_MS = 5000;

interface AdminAnswer {
  readonly status: number;
  readonly value: unknown;
}

/** Sends a POST to the admin listener. Undefined, and said so: it cannot be asked, or does not let us. */
export function askAdmin(
  flags: AdminFlags,
  path: string,
  sent: unknown = {},
): Promise<AdminAnswer | undefined> {
  return ask(flags, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sent),
    signal: AbortSignal.timeout(ACT_MS),
  });
}

/** The same with a GET. What is not there is an answer, with its words as the value. */
export function readAdmin(flags: AdminFlags, path: string): Promise<AdminAnswer | undefined> {
  return ask(flags, path, { signal: AbortSignal.timeout(READ_MS) });
}

async function ask(
  flags: AdminFlags,
  path: string,
  init: RequestInit,
): Promise<AdminAnswer | undefined> {
  const url = await adminOf(flags);
  if (url === undefined) return undefined;
  const credentials = await credentialsOf(flags);
  if (credentials === undefined) return undefined;
  try {
    const headers = { ...(init.headers as Record<string, string>), ...credentials };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    return await answerOf(response, flags, init.method === undefined);
  } catch (error) {
    return complain(url, `cannot be asked (${messageOf(error)}); is this its admin address?`);
  }
}

async function answerOf(
  response: Response,
  { tokenFile }: AdminFlags,
  isRead: boolean,
): Promise<AdminAnswer | undefined> {
  const { status, url } = response;
  const text = await response.text();
  if (status === 401) {
    const how =
      tokenFile === undefined
        ? 'name a file that has a token with --token-file'
        : `what ${tokenFile} has is another`;
    return complain(url, `asks for a token of gateway.admin.auth; ${how}`);
  }
  const isJson = response.headers.get('content-type') === 'application/json';
  if (isJson) return { status, value: JSON.parse(text) as unknown };
  if (isRead && status === 404) return { status, value: firstLine(text) };
  return complain(url, `answered ${status}: ${firstLine(text)}`);
}

/** The token of `gateway.admin.auth`, for a request. Undefined, and said so: its file cannot be read. */
async function credentialsOf({
  tokenFile,
}: AdminFlags): Promise<Record<string, string> | undefined> {
  if (tokenFile === undefined) return {};
  try {
    return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    console.error(`fairlead: ${tokenFile} (--token-file) cannot be read: ${code}`);
    return undefined;
  }
}

function complain(url: string, sentence: string): undefined {
  console.error(`fairlead: ${new URL(url).host}: ${sentence}`);
  return undefined;
}

/** Another server may stand there, and its pages are long. */
function firstLine(text: string): string {
  return atMost(printable(text.trim().split('\n', 1)[0]!), 200);
}

/** `fetch` says why in the cause. */
function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String(cause) : message;
}
