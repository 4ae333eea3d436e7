import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { ISSUE_CODES } from '../../../../src/policy/issues/issue-codes.ts';
import { formatIssues } from '../../../../src/policy/issues/issue-format.ts';
import { loadPolicy } from '../../../../src/policy/load.ts';
import type { LoadResult } from '../../../../src/policy/load.ts';
import type { PolicySnapshot } from '../../../../src/policy/snapshot/snapshot.ts';
import { matchPassthrough, matchRoute } from '../../../../src/evaluate/route/match.ts';
import { resolveTenant } from '../../../../src/evaluate/tenant/resolve-tenant.ts';
import { fakePlugins } from '../../plugins/fake-plugins.ts';
import { PLAIN_GET } from '../policy.ts';
import { makePolicyFiles, policyFolder } from '../policy-files.ts';
import { mutated, textOfSet } from './mutate.ts';
import { Pick } from './pick.ts';
import { validSet } from './valid-set.ts';

export interface FuzzedPolicies {
  readonly seed: number;
  readonly sets: number;
  readonly onSet?: (count: number) => void;
}

export interface FuzzTally {
  readonly sets: number;
  readonly unchanged: number;
  readonly loaded: number;
  readonly codes: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

/** A set takes some milliseconds; a busy machine may take a thousand times as long, a loop never ends. */
const SLOW_MS = 10_000;
/** Fifty issues of at most some thousand characters. */
const MAX_OUTPUT = 250_000;
/** One in so many sets is left as it was made, and must load. */
const UNCHANGED = 5;
const TARGETS = ['/', '/a', '/a/b', '/a/b/c', '/public/x?y=1', '/%2A', '/.fairlead/login', '/..'];
const PRINTED = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/**
 * Loads sets that a seed makes. Whatever is written: nothing is thrown, each complaint has a documented
 * code and can be printed, time and output are bounded, and a set that loads can be matched.
 */
export async function fuzzPolicies(run: FuzzedPolicies): Promise<FuzzTally> {
  const folder = await policyFolder({}, await makePolicyFiles());
  const file = join(folder.root, 'policies', 'web.yaml');
  const tally = { sets: 0, unchanged: 0, loaded: 0, slowestMs: 0 };
  const codes = new Map<string, number>();
  const load = () =>
    loadPolicy('policies', {
      generation: 1,
      plugins: fakePlugins,
      cwd: folder.root,
      env: { SECRET: 'a-secret-of-the-environment' },
    });
  try {
    for (let set = 0; set < run.sets; set += 1) {
      const pick = new Pick(run.seed, set);
      const isUnchanged = pick.once(UNCHANGED);
      const made = validSet(pick);
      const text = isUnchanged ? JSON.stringify(made) : textOfSet(pick, mutated(pick, made));
      writeFileSync(file, text);
      const startMs = performance.now();
      try {
        const result = await load();
        const tookMs = performance.now() - startMs;
        judge(result, tookMs);
        if (isUnchanged)
          assert.equal(result.kind, 'ok', `made to load, and does not:\n${shown(result)}`);
        tally.sets += 1;
        tally.slowestMs = Math.max(tally.slowestMs, tookMs);
        tally.unchanged += Number(isUnchanged);
        tally.loaded += Number(result.kind === 'ok');
        for (const { code } of issuesOf(result)) codes.set(code, (codes.get(code) ?? 0) + 1);
      } catch (cause) {
        throw new Error(
          `seed ${run.seed}, set ${set}: ${String(cause)}\n${text.slice(0, 20_000)}`,
          { cause },
        );
      }
      run.onSet?.(tally.sets);
    }
  } finally {
    await folder.remove();
  }
  return { ...tally, codes };
}

function judge(result: LoadResult, tookMs: number): void {
  assert.ok(tookMs < SLOW_MS, `took ${Math.round(tookMs)} ms`);
  assert.ok(shown(result).length < MAX_OUTPUT, 'too much is printed');
  for (const issue of issuesOf(result)) {
    assert.ok(Object.hasOwn(ISSUE_CODES, issue.code), issue.code);
    for (const text of [issue.message, issue.file, issue.path]) assert.match(text, PRINTED);
  }
  if (result.kind === 'errors') {
    assert.ok(result.issues.some(({ severity }) => severity === 'error'));
  } else {
    assert.ok(result.warnings.every(({ severity }) => severity === 'warning'));
    match(result.snapshot);
  }
}

/** Every host of the table, and requests that nobody expected. */
function match(snapshot: PolicySnapshot): void {
  const { routes, services } = snapshot;
  for (const { host } of [...routes.exact.values(), ...routes.wildcards]) {
    const name = host.replace(/^\*+/, 'some');
    const passthrough = matchPassthrough(routes, name);
    if (passthrough !== undefined) assert.ok(services.has(passthrough.service));
    for (const target of TARGETS) {
      const found = matchRoute(routes, { ...PLAIN_GET, host: name, target });
      if (isRefusal(found)) continue;
      const { rule } = found;
      assert.ok(rule.service === undefined || services.has(rule.service));
      assert.ok(rule.auth.kind === 'public' || rule.auth.providers.length > 0);
      if (rule.auth.kind === 'public') assert.equal(rule.requires, undefined);
    }
  }
  resolveTenant(snapshot, undefined, '192.0.2.1');
}

function issuesOf(result: LoadResult) {
  return result.kind === 'ok' ? result.warnings : result.issues;
}

function shown(result: LoadResult): string {
  return formatIssues(issuesOf(result), { format: 'text' });
}
