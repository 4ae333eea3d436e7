import type { DemoOptions } from '../../demo/run-demo.ts';

/** What the demo needs beyond the gateway's own dependencies: they are development dependencies. */
const PACKAGES = ['@peculiar/x509', 'oidc-provider'];

/** The whole of Fairlead on one machine, to try it. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    console.error(missingSentence(missing));
    return 1;
  }
  const demo = await import('../../demo/run-demo.ts');
  return demo.runDemo(options);
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function missingSentence(missing: readonly string[]): string {
  const names = missing.join(' and ');
  return (
    `fairlead demo: needs ${names}, not installed here: the demo and the tests use ${missing.length > 1 ? 'them' : 'it'}, the gateway does not. ` +
    'Run "npm start" in a clone of the repository.'
  );
}
