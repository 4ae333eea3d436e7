import { access, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../app/system-clock.ts';
import { ROUTER_ACCESS_TO_ADD, readLink } from '../../network/links/link-file.ts';
import type { LinkFiles } from '../../network/links/link-file.ts';
import { parseAccessToken } from '../../network/links/redeem/access-token.ts';
import type { AccessToken } from '../../network/links/redeem/access-token.ts';
import { NewFile } from '../../network/links/redeem/new-file.ts';
import { redeemToken } from '../../network/links/redeem/redeem-token.ts';
import { gatewaySubject } from '../../network/links/redeem/subject.ts';

export interface RedeemFlags {
  readonly token: string;
  /** The link file to write. */
  readonly output: string;
  /** Where the gateway's name is kept; undefined: `gateway-id` beside the link file. */
  readonly idFile: string | undefined;
  readonly force: boolean;
}

/** Exit codes: 0 redeemed, 1 refused, 2 the token could not be read. */
export async function runRedeem(flags: RedeemFlags): Promise<number> {
  const read = await readToken(flags.token);
  if (typeof read === 'string') return say(2, read);
  if (!flags.force && (await exists(flags.output))) {
    return say(
      1,
      `${flags.output} exists; name another with --output, or replace it with --force.`,
    );
  }
  try {
    return await redeem(read, flags);
  } catch (error) {
    return say(1, `The token was not used: ${messageOf(error)}.`);
  }
}

async function redeem(token: AccessToken, flags: RedeemFlags): Promise<number> {
  const idFile = flags.idFile ?? join(dirname(flags.output), 'gateway-id');
  // Keys will lie in it. A folder that is there keeps its mode: it is somebody's choice.
  for (const file of [flags.output, idFile]) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  }
  const subject = await gatewaySubject(idFile);
  await using file = await NewFile.prepare(flags.output);
  const result = await redeemToken({ token, subject, clock: systemClock });
  if (result.kind === 'refused') return say(1, result.sentence);
  return await keep(file, result.text, flags);
}

async function keep(file: NewFile, text: string, flags: RedeemFlags): Promise<number> {
  let written: string;
  try {
    written = await file.commit(text, { replaces: flags.force });
  } catch (error) {
    return say(1, `The token is used up, but its link was not written: ${messageOf(error)}.`);
  }
  if (written === flags.output) return judgeLink(written);
  return say(1, `${flags.output} was made by somebody else meanwhile; the link is in ${written}.`);
}

/** The token is spent, so the file stays whatever is in it. */
async function judgeLink(written: string): Promise<number> {
  const text = await readFile(written, 'utf8');
  const none = { kind: 'unread', reason: 'does not exist' } as const;
  const files: LinkFiles = {
    read: (path) => Promise.resolve(path === written ? { kind: 'text', text } : none),
    readMaterial: () => Promise.resolve(none),
    list: () => Promise.resolve(undefined),
  };
  const link = await readLink(written, files);
  if (link.kind === 'refused') {
    const hint = link.isInterRouterOnly ? ` Add to the site:\n${ROUTER_ACCESS_TO_ADD}` : '';
    return say(1, `Redeemed, but ${written} ${link.reason}.${hint}`);
  }
  const places = link.links.map(({ host, port }) => `${host}:${port}`).join(', ');
  console.log(`Redeemed: ${written} leads to ${places}. Name it in the policy: network.link.`);
  return 0;
}

async function readToken(path: string): Promise<AccessToken | string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return `${path} cannot be read (${String((error as NodeJS.ErrnoException).code)}).`;
  }
  const parsed = parseAccessToken(text);
  return parsed.kind === 'token' ? parsed.token : `${path} ${parsed.reason}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function say(code: number, sentence: string): number {
  process.stderr.write(`fairlead: ${sentence}\n`);
  return code;
}
