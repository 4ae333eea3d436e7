import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

const VERSION = '26.7.3';
const NAME = `keycloak-quarkus-dist-${VERSION}.tar.gz`;
const SOURCE = `https://repo.maven.apache.org/maven2/org/keycloak/keycloak-quarkus-dist/${VERSION}/${NAME}`;
const SHA256 = '77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47';
const CACHE = process.env['KEYCLOAK_CACHE'] ?? join(homedir(), '.cache', 'fairlead');
const LEAST_JAVA = 17;
const FETCH_MS = 300_000;
const UNPACK_MS = 60_000;

/** Unpacks Keycloak below `folder`, fetching it once, and gives its home. Says what is missing. */
export async function unpackKeycloak(folder: string): Promise<string> {
  checkJava();
  const archive = join(CACHE, NAME);
  if (!existsSync(archive)) await download(archive);
  await checkDigest(archive);
  execFileSync('tar', ['-xzf', archive, '-C', folder], { timeout: UNPACK_MS });
  return join(folder, `keycloak-${VERSION}`);
}

/** The Java that Keycloak's script takes. */
function checkJava(): void {
  const home = process.env['JAVA_HOME'];
  const program = home === undefined ? 'java' : join(home, 'bin', 'java');
  const { stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)/.exec(stderr ?? '')?.[1];
  if (Number(version) >= LEAST_JAVA) return;
  const found = version === undefined ? `${program} does not run` : `${program} is Java ${version}`;
  throw new Error(
    `Keycloak ${VERSION} needs Java ${LEAST_JAVA} or newer, and ${found} ` +
      `(Debian: apt-get install default-jre-headless; or set JAVA_HOME)`,
  );
}

/** Under another name until it is whole: a run that was broken off leaves nothing that looks like it. */
async function download(archive: string): Promise<void> {
  console.log(`fetching ${SOURCE} (180 MB, once) into ${CACHE}`);
  const answer = await fetch(SOURCE, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok || answer.body === null) {
    throw new Error(
      `${SOURCE} answered ${answer.status}; fetch it elsewhere and put it at ${archive}`,
    );
  }
  mkdirSync(CACHE, { recursive: true });
  const part = `${archive}.${process.pid}.part`;
  const body = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  await pipeline(body, createWriteStream(part));
  renameSync(part, archive);
}

async function checkDigest(archive: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found === SHA256) return;
  throw new Error(
    `${archive} has the SHA-256 digest ${found} instead of ${SHA256}: remove it and run again`,
  );
}
